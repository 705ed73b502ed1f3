import { appIntake, appJobs, appWrapper } from "./app.ts";
import { appPlugins, builtInPlugins, pluginCandidates } from "./app-plugins.ts";
import { type Call, parseCall } from "./cli.ts";
import { copyQueues } from "./commands/copy-queues.ts";
import { dryRunIntake } from "./commands/dry-run-intake.ts";
import { explain } from "./commands/explain.ts";
import { flush } from "./commands/flush.ts";
import { ALL_QUEUES, inspectQueue } from "./commands/inspect-queue.ts";
import { reportUncaught } from "./commands/report-uncaught.ts";
import { createReports } from "./commands/reports.ts";
import { run } from "./commands/run.ts";
import { testPlugins } from "./commands/test-plugins.ts";
import { describeConfig } from "./config/describe-config.ts";
import { secretsOf } from "./config/secrets-of.ts";
import { withoutCredentials } from "./config/urls.ts";
import { type Config, loadConfig } from "./config.ts";
import type { Intake } from "./datadog/delivery.ts";
import type { Env } from "./env.ts";
import { parseEnvFile, withEnvFile } from "./env-file.ts";
import { ConfigError } from "./errors.ts";
import { readCredential } from "./io/credentials.ts";
import { inWords } from "./io/in-words.ts";
import { describeOwner, processOwner } from "./io/process-owner.ts";
import { createLogger, type Logger } from "./log.ts";
import { systemClock } from "./schedule/clock.ts";
import { DATABASE, type OpenDeps, openPrivateStorage, openStorage } from "./storage/open.ts";
import type { Storage } from "./storage/storage.ts";

/** The process around the program: what main.ts hands in. */
export type World = {
  version: string;
  env: Env;
  hostname: string;
  home: string | undefined;
  /** Aborts on SIGTERM or SIGINT. */
  stop: AbortSignal;
  /** From now on an error that nobody caught is reported, and does not end the process. */
  uncaught(report: (thrown: unknown) => void): void;
  /** Standard output and standard error. */
  print(text: string): void;
  note(text: string): void;
  /** Whether a person watches. */
  terminal: { out: boolean; error: boolean };
  importModule(path: string): Promise<unknown>;
};

type Setting<C extends Call["command"]> = {
  call: Extract<Call, { command: C }>;
  config: Config;
  log: Logger;
  world: World;
};

/** The program: reads the call and the configuration, does what is asked, and resolves to the exit code. */
export async function chouette(argv: readonly string[], world: World): Promise<number> {
  const known = { queues: ALL_QUEUES, plugins: Object.keys(builtInPlugins) };
  const call = parseCall(argv, world.version, known, world);
  if (typeof call === "number") return call;
  try {
    const config = configOf(call, world);
    const log = loggerOf(call, config, world);
    world.uncaught(reportUncaught(log, systemClock));
    switch (call.command) {
      case "run":
        return await runCommand({ call, config, log, world });
      case "flush":
        return await flushCommand({ call, config, log, world });
      case "inspect-queue":
        return await inspectCommand({ call, config, log, world });
      case "test-plugins":
        return await testCommand({ call, config, world });
    }
  } catch (error) {
    world.note(`${explain(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

async function runCommand({ call, config, world, ...setting }: Setting<"run">): Promise<number> {
  const log = call.dryRun ? setting.log.child({ dryRun: true }) : setting.log;
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

async function flushCommand({ call, config, log, world }: Setting<"flush">): Promise<number> {
  const wrapper = await appWrapper(config, world.importModule);
  const storage = call.dryRun
    ? await copyForDryRun(config, log, world)
    : await openStorage(config.storage, storageDeps(log));
  const intake = intakeOf(call.dryRun, config, call.json ? { ...world, print: world.note } : world);
  const parts = { clock: systemClock, storage, intake, plugins: [], wrapper };
  try {
    return await flush(
      {
        ...world,
        clock: systemClock,
        storage,
        watched: world.terminal.error,
        createJobs: (pace, reports) => appJobs(config, parts, pace, reports),
        interval: config.aggregateInterval,
      },
      call,
    );
  } finally {
    await closeAll(storage, intake);
  }
}

async function inspectCommand({ call, config, log, world }: Setting<"inspect-queue">): Promise<number> {
  const storage = await openStorage(config.storage, storageDeps(log), true);
  try {
    return await inspectQueue(
      {
        ...world,
        clock: systemClock,
        storage,
        where: whereOf(config.storage),
        ttl: (queue) => (queue.startsWith("chouette:logs") ? config.logTtl : config.metricTtl),
      },
      call,
    );
  } finally {
    await storage.close();
  }
}

async function testCommand({ call, config, world }: Omit<Setting<"test-plugins">, "log">): Promise<number> {
  const candidates = pluginCandidates(config, call.names, {
    clock: systemClock,
    importModule: world.importModule,
  });
  return testPlugins({ ...world, clock: systemClock }, candidates, call);
}

function configOf(call: Call, world: World): Config {
  const file = call.envFile === undefined ? undefined : readEnvFile(call.envFile);
  const env = withEnvFile(world.env, file?.env ?? {});
  const chosenLevel = call.logLevel === undefined ? {} : { LOG_LEVEL: call.logLevel };
  const dryRun = "dryRun" in call && call.dryRun;
  const requireApiKey = (call.command === "run" || call.command === "flush") && !dryRun;
  const pluginVariables = Object.fromEntries(
    Object.entries(builtInPlugins).map(([name, { variables }]) => [name, variables]),
  );
  return loadConfig(
    { ...env, ...chosenLevel },
    { hostname: world.hostname, home: world.home, readText: readCredential },
    { pluginVariables, requireApiKey },
  );
}

function readEnvFile(path: string): ReturnType<typeof parseEnvFile> {
  let text: string;
  try {
    text = readCredential(path);
  } catch (error) {
    throw new ConfigError([`--env-file ${path}: ${inWords(error)}`]);
  }
  const file = parseEnvFile(text);
  if (file.issues.length > 0) throw new ConfigError(file.issues.map((issue) => `${path}: ${issue}`));
  return file;
}

/** `run` logs what it does; the other commands print a result, and log only what went wrong. */
function loggerOf(call: Call, config: Config, { terminal, note, env }: World): Logger {
  const quiet = call.command !== "run" && call.logLevel === undefined;
  return createLogger({
    level: quiet ? "warn" : config.logLevel,
    stream: { write: note },
    terminal: terminal.error,
    color: terminal.error && (env.NO_COLOR ?? "") === "",
    secrets: secretsOf(config),
  });
}

/** A command that ends says itself why it could not go on; the agent goes on, and logs when Redis goes and comes back. */
function storageDeps(log: Logger): OpenDeps {
  return { now: systemClock.now, warn: (message) => log.warn(message), onState: () => {} };
}

function agentStorageDeps(log: Logger): OpenDeps {
  const onState = (up: boolean, error: string) => (up ? log.info("Redis is back") : log.warn(error));
  return { ...storageDeps(log), onState };
}

function intakeOf(
  dryRun: boolean,
  config: Config,
  { print, version }: Pick<World, "print" | "version">,
): Intake {
  return dryRun
    ? dryRunIntake(print, { series: config.seriesUrl, logs: config.logsIntakeUrl })
    : appIntake(config, version);
}

/** The first records of every queue in a storage of this process alone; the real queues are only read. */
async function copyForDryRun(config: Config, log: Logger, { note }: World): Promise<Storage> {
  const source = await openStorage(config.storage, storageDeps(log), true);
  const copy = openPrivateStorage(storageDeps(log));
  try {
    await copyQueues(source, copy, note);
    return copy;
  } finally {
    await source.close();
  }
}

function whereOf(storage: Config["storage"]): { type: string; where: string } {
  if (storage.type === "redis") return { type: "redis", where: withoutCredentials(storage.url) };
  return { type: "sqlite", where: `${storage.directory}/${DATABASE}` };
}

async function closeAll(storage: Storage, intake: Intake): Promise<void> {
  await Promise.allSettled([storage.close(), intake.close()]);
}
