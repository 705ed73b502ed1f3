import type { Candidate } from "../commands/test-plugins.ts";
import type { Config } from "../config/config.ts";
import type { PluginChoice } from "../config/plugin-choice.ts";
import { createIo } from "../io/io.ts";
import { type Supervised, supervise } from "../jobs/supervise.ts";
import { createExecPlugin } from "../plugins/exec/exec.ts";
import { loadOwnPlugin } from "../plugins/own/module.ts";
import type { Collector, Io, Plugin } from "../plugins/plugin.ts";
import * as registry from "../plugins/registry.ts";
import type { Clock } from "../schedule/clock.ts";

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
  return namedChoices(config).map((named) => superviseChoice(named, config, io, deps));
}

/** The plugins that `test-plugins` tries: those named, else all; with whatever keeps one from being set up. */
export function pluginCandidates(config: Config, names: readonly string[], deps: PluginDeps): Candidate[] {
  const io = hostIo(config);
  const configured = namedChoices(config);
  const all = [...new Set([...configured.map(({ name }) => name), ...Object.keys(builtInPlugins)])];
  return (names.length > 0 ? names : all).map((typed): Candidate => {
    const known = configured.find(({ name, choice }) => name === typed || spelling(choice) === typed);
    const named = known ?? { name: typed, choice: choiceOf(typed) };
    const issues = config.plugins.issues[named.name];
    const common = { name: named.name, configured: known !== undefined };
    if (issues)
      return { ...common, reason: issues.join("; "), remedy: "mend the variable in the environment file" };
    return { ...common, plugin: superviseChoice(named, config, io, deps) };
  });
}

type NamedChoice = { name: string; choice: PluginChoice };

/**
 * What was chosen, each under the name that it has in tables, logs and tags. Of a command that is its program alone, since an
 * argument may be a password; a second command of the same program is `exec:curl#2`.
 */
function namedChoices(config: Config): NamedChoice[] {
  const taken = new Map<string, number>();
  return config.plugins.chosen.map((choice) => {
    const name = choice.type === "exec" ? `exec:${choice.command.split(/\s/, 1)[0]}` : spelling(choice);
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    return { name: number === 1 ? name : `${name}#${number}`, choice };
  });
}

/** As it stands in COLLECT_PLUGINS. */
function spelling(choice: PluginChoice): string {
  if (choice.type === "exec") return `exec:${choice.command}`;
  return choice.type === "module" ? choice.path : choice.name;
}

/** What was typed, which the command line has checked. */
function choiceOf(word: string): PluginChoice {
  if (word.startsWith("exec:")) return { type: "exec", command: word.slice("exec:".length).trim() };
  return word.includes("/") ? { type: "module", path: word } : { type: "built-in", name: word };
}

function hostIo(config: Config): Io {
  return createIo({
    root: config.hostRoot,
    ...(config.redisUrl !== undefined && { redis: { url: config.redisUrl } }),
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
      return loadOwnPlugin(choice.path, importModule, config.pluginMaxPoints).create({}, io);
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
