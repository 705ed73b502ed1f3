import { appJobs, appWrapper } from "./app.ts";
import { appPlugins } from "./app-plugins.ts";
import type { Call } from "./cli.ts";
import { createReports } from "./commands/reports.ts";
import { run } from "./commands/run.ts";
import { describeConfig } from "./config/describe-config.ts";
import type { Config } from "./config.ts";
import { describeOwner, processOwner } from "./io/process-owner.ts";
import type { Logger } from "./log.ts";
import { agentStorageDeps, closeAll, intakeOf, storageDeps } from "./parts.ts";
import { systemClock } from "./schedule/clock.ts";
import { openPrivateStorage, openStorage } from "./storage/open.ts";
import type { World } from "./world.ts";

type RunCall = Extract<Call, { command: "run" }>;

/** The agent of `chouette run`, until it is told to stop. Resolves to the exit code. */
export async function runAgent(call: RunCall, config: Config, given: Logger, world: World): Promise<number> {
  const log = call.dryRun ? given.child({ dryRun: true }) : given;
  log.info(describeConfig(config), `chouette ${world.version} starts`);
  if (config.plugins.chosen.length === 0)
    log.warn(
      "COLLECT_PLUGINS is empty: the device itself is not captured; chouette test-plugins shows what it has",
    );
  if (call.dryRun)
    log.info(`a dry run: prints every ${config.releaseInterval} s what would be sent; Ctrl+C ends it`);
  const wrapper = await appWrapper(config, world.importModule);
  const plugins = appPlugins(config, { clock: systemClock, importModule: world.importModule });
  const storage = call.dryRun
    ? openPrivateStorage(storageDeps(log))
    : await openStorage(config.storage, agentStorageDeps(log));
  const intake = intakeOf(call.dryRun, config, world);
  const parts = { clock: systemClock, storage, intake, plugins, wrapper };
  try {
    return await run({
      ...world,
      ...createReports(log, systemClock),
      clock: systemClock,
      storage,
      createJobs: (pace, reports) => appJobs(config, parts, pace, reports),
      lease: { name: `agent:${config.host}`, owner: processOwner() },
      describeOwner,
      releaseInterval: config.releaseInterval,
    });
  } finally {
    await Promise.allSettled(plugins.map((plugin) => plugin.close()));
    await closeAll(storage, intake);
    log.info("chouette has ended");
  }
}
