import type { Candidate } from "./commands/test-plugins.ts";
import type { PluginChoice } from "./config/plugins.ts";
import type { Config } from "./config.ts";
import { createIo } from "./io/io.ts";
import { type Supervised, supervise } from "./jobs/supervise.ts";
import { createExecPlugin } from "./plugins/exec/exec.ts";
import { loadOwnPlugin } from "./plugins/own-module.ts";
import type { Collector, Io, Plugin } from "./plugins/plugin.ts";
import * as registry from "./plugins/registry.ts";
import type { Clock } from "./schedule/clock.ts";

/** Every built-in plugin by its name. */
export const builtInPlugins: Readonly<Record<string, Plugin>> = { ...registry } as unknown as Record<
  string,
  Plugin
>;

/** Seconds for one capture: far below the interval, so that a plugin that hangs does not lose the next capture as well. */
const CAPTURE_SECONDS = 10;

type PluginDeps = { clock: Clock; importModule: (path: string) => Promise<unknown> };

/** The plugins that the configuration chose, supervised. */
export function appPlugins(config: Config, deps: PluginDeps): Supervised[] {
  const io = hostIo(config);
  return config.plugins.chosen.map((choice) => superviseChoice(choice, config, io, deps));
}

/** The plugins that `test-plugins` tries: those named, else all; with whatever keeps one from being set up. */
export function pluginCandidates(config: Config, names: readonly string[], deps: PluginDeps): Candidate[] {
  const io = hostIo(config);
  const configured = new Map(config.plugins.chosen.map((choice) => [choiceName(choice), choice]));
  const all = [...new Set([...configured.keys(), ...Object.keys(builtInPlugins)])];
  return (names.length > 0 ? names : all).map((name): Candidate => {
    const choice = configured.get(name) ?? choiceOf(name);
    const issues = config.plugins.issues[name];
    const common = { name, configured: configured.has(name) };
    if (issues)
      return { ...common, reason: issues.join("; "), remedy: "mend the variable in the environment file" };
    return { ...common, plugin: superviseChoice(choice, config, io, deps) };
  });
}

function hostIo(config: Config): Io {
  return createIo({
    root: config.hostRoot,
    ...(config.redisUrl !== undefined && { redis: { url: config.redisUrl } }),
  });
}

function superviseChoice(
  choice: PluginChoice,
  config: Config,
  io: Io,
  { clock, importModule }: PluginDeps,
): Supervised {
  const limits = {
    seconds: Math.min(CAPTURE_SECONDS, 0.8 * config.captureInterval),
    maxPoints: config.pluginMaxPoints,
  };
  return supervise(choiceName(choice), collectorOf(choice, config, io, importModule), clock, limits);
}

function collectorOf(
  choice: PluginChoice,
  config: Config,
  io: Io,
  importModule: PluginDeps["importModule"],
): Collector {
  switch (choice.type) {
    case "exec":
      return createExecPlugin(choice.command, io, config.captureInterval);
    case "module":
      return loadOwnPlugin(choice.path, importModule).create({}, io);
    case "built-in":
      return builtIn(choice.name).create(config.plugins.values[choice.name] ?? {}, io);
  }
}

function builtIn(name: string): Plugin {
  const plugin = Object.hasOwn(builtInPlugins, name) ? builtInPlugins[name] : undefined;
  if (plugin === undefined)
    throw new Error(`there is no plugin ${name}; there are ${Object.keys(builtInPlugins).join(", ")}`);
  return plugin;
}

function choiceOf(name: string): PluginChoice {
  if (name.startsWith("exec:")) return { type: "exec", command: name.slice("exec:".length) };
  return name.includes("/") ? { type: "module", path: name } : { type: "built-in", name };
}

/** How a plugin is called in tables, logs and tags; of a command the program alone, since an argument may be a password. */
export function choiceName(choice: PluginChoice): string {
  if (choice.type === "exec") return `exec:${choice.command.split(/\s/, 1)[0]}`;
  return choice.type === "module" ? choice.path : choice.name;
}
