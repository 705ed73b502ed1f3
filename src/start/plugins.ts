import type { Candidate } from "../commands/test-plugins.ts";
import type { Config } from "../config/config.ts";
import { type PluginChoice, pluginName, pluginSpelling } from "../config/plugin-choice.ts";
import { createIo } from "../io/io.ts";
import { type Supervised, supervise } from "../jobs/supervise.ts";
import { createExecPlugin } from "../plugins/exec/exec.ts";
import { loadOwnPlugin } from "../plugins/own/module.ts";
import type { Collector, Io, Plugin } from "../plugins/plugin.ts";
import type { Clock } from "../schedule/clock.ts";
import { builtInPlugins } from "./built-in-plugins.ts";

/** Seconds for one capture: far below the interval, so that a hung plugin does not lose the next capture as well. */
const CAPTURE_SECONDS = 10;

type PluginDeps = { clock: Clock; importModule: (path: string) => Promise<unknown> };

/** Creates the configured plugins, supervised. */
export function appPlugins(config: Config, deps: PluginDeps): Supervised[] {
  const io = hostIo(config);
  return namedChoices(config).map((named) => superviseChoice(named, config, io, deps));
}

/** Returns the plugins for `test-plugins`: those named, else all; an invalid one with its reason. */
export function pluginCandidates(
  config: Config,
  named: readonly PluginChoice[],
  deps: PluginDeps,
): Candidate[] {
  const io = hostIo(config);
  const configured = namedChoices(config);
  return (named.length > 0 ? named : everyChoice(config)).map((choice): Candidate => {
    const typed = pluginSpelling(choice);
    const known = configured.find((it) => it.name === typed || pluginSpelling(it.choice) === typed);
    const candidate = known ?? { name: pluginName(choice), choice };
    const issues = config.plugins.issues[candidate.name];
    const common = { name: candidate.name, configured: known !== undefined };
    if (issues)
      return { ...common, reason: issues.join("; "), remedy: "correct the variable in the environment file" };
    return { ...common, plugin: superviseChoice(candidate, config, io, deps) };
  });
}

/** Returns the configured plugins, followed by every other built-in one. */
function everyChoice({ plugins: { chosen } }: Config): PluginChoice[] {
  const others = Object.keys(builtInPlugins).map((name) => ({ type: "built-in", name }) as const);
  const isChosen = (name: string) => chosen.some((it) => it.type === "built-in" && it.name === name);
  return [...chosen, ...others.filter(({ name }) => !isChosen(name))];
}

type NamedChoice = { name: string; choice: PluginChoice };

/** Returns the choices under different names: a second command of the same program is `exec:curl#2`. */
function namedChoices(config: Config): NamedChoice[] {
  const taken = new Map<string, number>();
  return config.plugins.chosen.map((choice) => {
    const name = pluginName(choice);
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    return { name: number === 1 ? name : `${name}#${number}`, choice };
  });
}

function hostIo(config: Config): Io {
  return createIo({
    root: config.hostRoot,
    redis: config.redis,
  });
}

function superviseChoice(
  { name, choice }: NamedChoice,
  config: Config,
  io: Io,
  { clock, importModule }: PluginDeps,
): Supervised {
  const limits = {
    seconds: Math.min(CAPTURE_SECONDS, 0.8 * config.captureInterval),
    maxPoints: config.pluginMaxPoints,
    trusted: choice.type !== "module",
  };
  return supervise(name, collectorOf(choice, config, io, importModule), clock, limits);
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
      return loadOwnPlugin(choice.path, importModule, config.pluginMaxPoints).create({}, io, config);
    case "built-in":
      return builtIn(choice.name).create(config.plugins.values[choice.name] ?? {}, io, config);
  }
}

function builtIn(name: string): Plugin {
  const plugin = Object.hasOwn(builtInPlugins, name) ? builtInPlugins[name] : undefined;
  if (plugin === undefined)
    throw new Error(`there is no plugin ${name}; there are ${Object.keys(builtInPlugins).join(", ")}`);
  return plugin;
}
