import type { Config } from "../config/config.ts";
import { describeConfig, summarizeConfig } from "../config/disclosure.ts";
import { bytesWritten } from "../io/disk-written.ts";
import { inheritedSockets } from "../io/inherited-sockets.ts";
import { describeOwner } from "../io/process-owner.ts";
import { serviceManager } from "../io/systemd-notify.ts";
import { createOutbox, type Outbox } from "../jobs/outbox.ts";
import { systemClock } from "../schedule/clock.ts";
import type { DeviceClock } from "../schedule/device-clock.ts";
import { createLiveness, type Liveness } from "../schedule/liveness.ts";
import { appJobs, deviceClock } from "../start/components.ts";
import { createInputs, type Inputs } from "../start/inputs.ts";
import { terminalOf, type World } from "../start/world.ts";
import { explain } from "../terminal/explain-error.ts";
import { type AgentState, createAgentState } from "./agent-state.ts";
import { createCardBytes } from "./card-bytes.ts";
import { heartbeat } from "./heartbeat.ts";
import { closeWindows, lastPass, type RunDeps, run } from "./lanes.ts";
import { createReports } from "./log-reports.ts";
import { reportUncaught } from "./log-uncaught.ts";
import { type Hangups, listenForHangups, nextSetup } from "./reload.ts";
import { closeSetup, openSetup, type RunCall, type Setup } from "./setup.ts";
import { createStatusLine, type StatusLine } from "./status-line.ts";

/** State that outlives a configuration; `captured`: the first capture of all plugins is over. */
type Life = {
  clock: DeviceClock;
  outbox: Outbox;
  /** Bytes written to the card since the last call. */
  written: () => number | undefined;
  liveness: Liveness;
  status: StatusLine;
  state: AgentState;
  inputs: Inputs;
  captured: boolean;
};

/** Seconds beyond its interval after which a lane counts as stuck for `inspect-queue --health`: WatchdogSec= of the unit. */
const GRACE = 120;

/**
 * Runs the agent of `chouette run` until it is asked to stop, and reloads the env file at each SIGHUP. Resolves to the exit code.
 */
export async function runAgent(call: RunCall, config: Config, world: World): Promise<number> {
  const hangups = listenForHangups(call, world);
  const clock = deviceClock(config, world.builtAt);
  let setup = await openSetup(call, config, world, clock);
  const liveness = createLiveness(clock);
  const health = () => ({ stuck: liveness.stuck(GRACE) });
  const card = createCardBytes(clock, bytesWritten);
  const state = createAgentState(world.version, clock, clock.trust.confirmed, card.today);
  const life: Life = {
    clock,
    outbox: createOutbox(),
    written: card.sinceLast,
    liveness,
    status: createStatusLine(systemClock),
    inputs: createInputs(clock, inheritedSockets(world.env), call.dryRun, { health, status: state.status }),
    state,
    captured: false,
  };
  const ended = new AbortController();
  const beats = beat(life, () => setup, world, AbortSignal.any([world.stop, ended.signal]));
  try {
    introduce(setup, call, world, `chouette ${world.version} starting`);
    for (;;) {
      const next = await runSetup(call, setup, life, hangups, world);
      if (typeof next === "number") return next;
      await closeSetup(setup);
      setup = next;
      introduce(setup, call, world, "configuration reloaded");
    }
  } finally {
    ended.abort();
    await life.inputs.close();
    await closeSetup(setup);
    await beats;
    setup.log.info("chouette stopped");
  }
}

function introduce({ config, log }: Setup, call: RunCall, world: World, what: string): void {
  world.uncaught(reportUncaught(log, systemClock));
  log.info(call.dryRun ? what : `${what}: ${summarizeConfig(config)}`);
  log.debug(describeConfig(config), "configuration");
  for (const warning of config.warnings) log.warn(warning);
  if (config.plugins.chosen.length === 0)
    log.warn(
      "COLLECT_PLUGINS is empty: nothing is captured from this device; to see what it offers: chouette test-plugins",
    );
  if (call.dryRun)
    log.info(`dry run: every ${config.releaseInterval} s prints what would be sent; Ctrl+C to stop`);
}

/** Runs the agent on one configuration. Resolves to the exit code, or to the setup of the configuration that replaces it. */
async function runSetup(
  call: RunCall,
  setup: Setup,
  life: Life,
  hangups: Hangups,
  world: World,
): Promise<number | Setup> {
  const replaced = new AbortController();
  const over = new AbortController();
  const following = nextSetup(call, world, life.clock, setup.log, hangups, over.signal).then((next) => {
    if (next !== undefined) replaced.abort();
    return next;
  });
  const deps = runDeps(call, setup, life, world, replaced.signal);
  const code = await run(deps).finally(() => over.abort());
  // A setup that is still opening is not waited for: the process is about to end.
  const next = replaced.signal.aborted ? await following : undefined;
  if (code === undefined && next !== undefined) {
    await life.inputs.use(next).catch((error: unknown) => next.log.error(explain(error)));
    // Otherwise records in the previous queues, or under the previous host name, would stay there.
    if (identity(setup) !== identity(next)) await lastPass(deps);
    else if (deps.holdsValues()) await closeWindows(deps);
    return next;
  }
  if (next !== undefined) await closeSetup(next);
  return code ?? 0;
}

function identity({ config }: Setup): string {
  return JSON.stringify([config.storage, config.host]);
}

function runDeps(call: RunCall, setup: Setup, life: Life, world: World, replaced: AbortSignal): RunDeps {
  const { config, log, storage, lease } = setup;
  const { liveness, state } = life;
  state.configured(
    config,
    setup.plugins.map(({ name }) => name),
  );
  const { reports, report } = createReports(log, systemClock);
  const { clock } = life;
  const trust = call.dryRun ? undefined : clock.trust;
  const parts = {
    ...setup,
    intake: life.status.watch(state.watch(setup.intake)),
    clock,
    trust,
    outbox: life.outbox,
    written: life.written,
    arrivals: life.inputs.arrivals,
    receiveLines: life.inputs.receiveLines,
  };
  return {
    ...terminalOf(world),
    clock,
    storage,
    logs: setup.logs,
    createJobs: (pace, given) => appJobs(config, parts, pace, given),
    reports: {
      ...reports,
      plugin: (outcome) => {
        state.captured(outcome);
        reports.plugin(outcome);
      },
      aggregating: () => liveness.moved("aggregate"),
      sending: ({ track }) => liveness.moved(`send ${track}`),
      sent: (sent) => {
        life.status.sent(sent);
        reports.sent(sent);
      },
    },
    report: (job, error) => {
      life.captured ||= job === "collect";
      report(job, error);
    },
    liveness,
    replaced,
    lease,
    describeOwner,
    releaseInterval: config.releaseInterval,
    holdsValues: () => setup.live.has(Number.POSITIVE_INFINITY),
    inputs: {
      open: () => life.inputs.use(setup),
      close: life.inputs.close,
      closedBy: life.inputs.closedBy,
      job: life.inputs.job(config.releaseInterval),
    },
  };
}

/** Reports to the service manager, if one started this process. */
async function beat(life: Life, setup: () => Setup, world: World, stop: AbortSignal): Promise<void> {
  const manager = serviceManager(world.env, (why) => setup().log.warn(`cannot notify systemd: ${why}`));
  if (manager === undefined) return;
  await heartbeat({
    ...manager,
    clock: systemClock,
    stop,
    waitsFor: async () => {
      if (!life.captured) return "waiting for the first capture of the plugins";
      try {
        await life.outbox.store(setup().storage);
        await setup().storage.size("chouette:metrics:wrapped");
        return undefined;
      } catch (error) {
        return explain(error);
      }
    },
    liveness: life.liveness,
    status: life.status.text,
    news: life.status.turn,
    log: () => setup().log,
  });
}
