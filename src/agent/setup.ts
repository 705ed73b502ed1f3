import { type LiveWindows, liveWindows } from "../aggregate/live-windows.ts";
import type { Wrapper } from "../aggregate/wrapper.ts";
import type { Config } from "../config/config.ts";
import type { Intake } from "../datadog/delivery.ts";
import { processOwner } from "../io/process-owner.ts";
import type { Supervised } from "../jobs/supervise.ts";
import type { Logger } from "../log/log.ts";
import type { LogsJob } from "../logs/logs-job.ts";
import { systemClock } from "../schedule/clock.ts";
import type { DeviceClock } from "../schedule/device-clock.ts";
import type { Call } from "../start/command-line.ts";
import { appWrapper, closeAll, intakeOf } from "../start/components.ts";
import { agentStorageDeps, loggerOf, storageDeps } from "../start/logger.ts";
import { appLogs } from "../start/logs.ts";
import { appPlugins } from "../start/plugins.ts";
import type { World } from "../start/world.ts";
import { openPrivateStorage, openStorage } from "../storage/open.ts";
import type { Lease, Storage } from "../storage/storage.ts";

export type RunCall = Extract<Call, { command: "run" }>;

/** Everything that the agent builds from one configuration. */
export type Setup = {
  config: Config;
  log: Logger;
  wrapper: Wrapper;
  /** Windows of what applications and plugins send without a queue. */
  live: LiveWindows;
  plugins: readonly Supervised[];
  storage: Storage;
  /** The lease of the one agent of this host on this storage. */
  lease: Lease;
  intake: Intake;
  /** Takes the logs of the device; undefined when none are configured. */
  logs: LogsJob | undefined;
};

/** Opens everything without starting any of it. Rejects with ConfigError, or with StorageError when the storage cannot be opened. */
export async function openSetup(
  call: RunCall,
  config: Config,
  world: World,
  clock: DeviceClock,
): Promise<Setup> {
  const logger = loggerOf(call, config, world);
  const log = call.dryRun ? logger.child({ dryRun: true }) : logger;
  const wrapper = await appWrapper(config, world.importModule);
  const plugins = appPlugins(config, { clock: systemClock, importModule: world.importModule });
  const storage = call.dryRun
    ? await openPrivateStorage(storageDeps(log))
    : await openStorage(config.storage, agentStorageDeps(log), "agent");
  const lease = { name: `agent:${config.host}`, owner: processOwner() };
  const { aggregateInterval: interval, maxSeries } = config;
  const live = liveWindows({ interval, keeps: wrapper.keeps, maxSeries });
  const intake = intakeOf(call.dryRun, config, world, clock);
  const logs = appLogs(config, {
    clock: systemClock,
    storage,
    log,
    dryRun: call.dryRun,
    hostname: world.hostname(),
  });
  return { config, log, wrapper, live, plugins, storage, lease, intake, logs };
}

export async function closeSetup({ plugins, storage, intake, logs }: Setup): Promise<void> {
  await logs?.close().catch(() => {});
  await Promise.allSettled(plugins.map((plugin) => plugin.close()));
  await closeAll(storage, intake);
}
