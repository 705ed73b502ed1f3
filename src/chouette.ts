import type { Ask } from "./commands/ask-agent.ts";
import type { Config } from "./config/config.ts";
import { ConfigError } from "./errors.ts";
import type { Logger } from "./log/log.ts";
import { systemClock } from "./schedule/clock.ts";
import { enterService } from "./service/enter-service.ts";
import { findService } from "./service/installed-service.ts";
import { builtInPlugins } from "./start/built-in-plugins.ts";
import { parseCall } from "./start/call.ts";
import type { Call } from "./start/command-line.ts";
import { configOf } from "./start/configuration.ts";
import { leaveRoot } from "./start/leave-root.ts";
import { loggerOf, storageDeps } from "./start/logger.ts";
import { terminalOf, type World } from "./start/world.ts";
import { DATABASE, openPrivateStorage, openStorage } from "./storage/open.ts";
import { ALL_QUEUES, type QueueName, type Storage } from "./storage/storage.ts";
import { explain } from "./terminal/explain-error.ts";

type Setting<C extends Call["command"]> = {
  call: Extract<Call, { command: C }>;
  config: Config;
  log: Logger;
  world: World;
};

/**
 * Runs the program: reads the call and the configuration, runs the command, and resolves to the exit code. Each command
 * imports what it needs, so that none waits for the parts of another.
 */
export async function chouette(argv: readonly string[], outside: World): Promise<number> {
  const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
  const typed = parseCall(argv, outside.version, known, outside);
  if (typeof typed === "number") return typed;
  try {
    const service = await findService(typed, outside);
    const { call, world, config } =
      service === undefined
        ? { call: typed, world: outside, config: configOf(typed, outside) }
        : enterService(service, typed, outside);
    const log = loggerOf(call, config, world);
    const { reportUncaught } = await import("./agent/log-uncaught.ts");
    world.uncaught(reportUncaught(log, systemClock));
    switch (call.command) {
      case "run": {
        if (call.check) return await checkCommand({ call, config, world });
        const { runAgent } = await import("./agent/agent.ts");
        return await runAgent(call, config, world);
      }
      case "flush":
        leaveRoot(config, world);
        return await flushCommand({ call, config, log, world });
      case "inspect-queue":
        leaveRoot(config, world);
        if (call.health) return await healthCommand({ config, world });
        return await inspectCommand({ call, config, log, world });
      case "test-plugins":
        return await testCommand({ call, config, world });
    }
  } catch (error) {
    outside.note(`${explain(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

/**
 * Prints what `run` would use. Loads a custom wrapper, because only that shows its mistakes, and asks the site about the key, unless it
 * is a dry run.
 */
async function checkCommand({ call, config, world }: Omit<Setting<"run">, "log">): Promise<number> {
  const { appWrapper, checkKey } = await import("./start/components.ts");
  await appWrapper(config, world.importModule);
  for (const warning of config.warnings) world.note(`warning: ${warning}\n`);
  const { type, where } = whereOf(config.storage);
  const count = config.plugins.chosen.length;
  const plugins = count === 1 ? "1 plugin" : `${count || "no"} plugins`;
  world.print(`configuration is valid: ${plugins}, queues in ${type} at ${where}\n`);
  if (!call.dryRun) {
    const { formatKeyAnswer } = await import("./commands/key-answer.ts");
    const site = new URL(config.intakeUrls.validate).host;
    const { good, warning } = formatKeyAnswer(await checkKey(config, world), site, call.envFile);
    world.print(good);
    world.note(warning);
  }
  return 0;
}

async function flushCommand({ call, config, log, world }: Setting<"flush">): Promise<number> {
  const { appJobs, appWrapper, checkKey, closeAll, deviceClock, intakeOf } = await import(
    "./start/components.ts"
  );
  const { createOutbox } = await import("./jobs/outbox.ts");
  const { flush } = await import("./commands/flush.ts");
  const wrapper = await appWrapper(config, world.importModule);
  const storage = call.dryRun
    ? await copyForDryRun(config, log, world)
    : await openStorage(config.storage, storageDeps(log), "command");
  // A person waits: a clock that the intake does not confirm is used all the same.
  const clock = deviceClock(config, world.builtAt, 0);
  const intake = intakeOf(call.dryRun, config, call.json ? { ...world, print: world.note } : world, clock);
  const trust = call.dryRun ? undefined : { ...clock.trust, agreed: () => true };
  const parts = { clock, trust, storage, intake, outbox: createOutbox(), plugins: [], wrapper };
  const deps = {
    ...terminalOf(world),
    storage,
    watched: world.terminal.error,
    createJobs: (...[pace, reports]: Parameters<Parameters<typeof flush>[0]["createJobs"]>) =>
      appJobs(config, parts, pace, reports),
    interval: config.aggregateInterval,
    checkKey: async (seconds: number) => (call.dryRun ? undefined : checkKey(config, world, seconds)),
    site: new URL(config.intakeUrls.validate).host,
    ask: call.dryRun ? async () => undefined : askOf(config),
  };
  try {
    return await flush(deps, call);
  } finally {
    await closeAll(storage, intake);
  }
}

async function inspectCommand({ call, config, log, world }: Setting<"inspect-queue">): Promise<number> {
  const { inspectAgent, inspectQueue } = await import("./commands/inspect-queue.ts");
  const { queueTtl } = await import("./jobs/queue-ttl.ts");
  const { agentSocket } = await import("./start/desk.ts");
  const agent = {
    ...terminalOf(world),
    ask: askOf(config, QUICK),
    socket: agentSocket(config),
    size: world.terminal.size,
  };
  let storage: Storage | undefined;
  try {
    storage = await openStorage(config.storage, storageDeps(log), "reader");
    const ttl = (queue: QueueName) => queueTtl(queue, config);
    return await inspectQueue({ ...agent, storage, where: whereOf(config.storage), ttl }, call);
  } catch (error) {
    if (!call.json) await inspectAgent(agent);
    throw error;
  } finally {
    await storage?.close();
  }
}

async function healthCommand({ config, world }: Pick<Setting<"run">, "config" | "world">): Promise<number> {
  const { checkHealth } = await import("./commands/health.ts");
  const { agentSocket } = await import("./start/desk.ts");
  return checkHealth({ ask: askOf(config, QUICK), note: world.note, socket: agentSocket(config) });
}

async function testCommand({ call, config, world }: Omit<Setting<"test-plugins">, "log">): Promise<number> {
  const { pluginCandidates } = await import("./start/plugins.ts");
  const { sourcesOf } = await import("./start/logs.ts");
  const { testPlugins } = await import("./commands/test-plugins.ts");
  const deps = { clock: systemClock, importModule: world.importModule };
  const candidates = pluginCandidates(config, call.plugins, deps);
  const sources = call.plugins.length > 0 ? [] : sourcesOf(config, true, world.hostname());
  return testPlugins(terminalOf(world), candidates, {
    json: call.json,
    named: call.plugins.length > 0,
    agentRuns:
      sources.length > 0 && (await askOf(config, QUICK)("health").catch(() => undefined)) !== undefined,
    sources,
  });
}

/** Copies the first records of every queue into a private storage; the real queues are only read. */
async function copyForDryRun(config: Config, log: Logger, { note }: World): Promise<Storage> {
  const { copyQueues } = await import("./commands/dry-run-intake.ts");
  const source = await openStorage(config.storage, storageDeps(log), "reader");
  const copy = await openPrivateStorage(storageDeps(log));
  try {
    await copyQueues(source, copy, note);
    return copy;
  } finally {
    await source.close();
  }
}

/** Seconds that the agent may take for an answer: a pass over a backlog takes some. */
const ANSWER = 60;

/** Seconds that it may take to say how it is: it does nothing for that. */
const QUICK = 5;

/** Asks the agent that runs with this state directory. */
function askOf(config: Config, seconds = ANSWER): Ask {
  return async (question) => {
    const { askAgent } = await import("./io/agent-socket.ts");
    const { agentSocket } = await import("./start/desk.ts");
    return askAgent(agentSocket(config), question, seconds);
  };
}

function whereOf(storage: Config["storage"]): { type: string; where: string } {
  if (storage.type === "redis") return { type: "redis", where: storage.address.where };
  return { type: "sqlite", where: `${storage.directory}/${DATABASE}` };
}
