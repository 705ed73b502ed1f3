import { InvalidValue } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { pipelineVariables } from "./pipeline-variables.ts";
import { programName } from "./program-name.ts";
import { type Env, givenName, mistake } from "./variable.ts";

/** A plugin to run: a built-in one by name, a custom module by path, or a command that prints metrics. */
export type PluginChoice =
  | { type: "built-in"; name: string }
  | { type: "module"; path: string }
  | { type: "exec"; command: string };

/**
 * Parses an item of COLLECT_PLUGINS or an argument of `test-plugins`: `host` in any case, a path with a / in it, or `exec:` and a
 * command. Throws InvalidValue with the known names.
 */
export function parsePluginChoice(item: string, known: readonly string[]): PluginChoice {
  if (item.startsWith("exec:")) {
    const command = item.slice("exec:".length).trim();
    if (command === "")
      throw new InvalidValue('a command is missing after exec:, as in exec:uptime or "exec:df -h /"');
    return { type: "exec", command };
  }
  if (item.includes("/")) return { type: "module", path: item };
  const name = item.toLowerCase();
  if (!known.includes(name)) throw new InvalidValue(unknownPlugin(item, known));
  return { type: "built-in", name };
}

function unknownPlugin(item: string, known: readonly string[]): string {
  const meant = /\.[cm]?[jt]s$/.test(item) ? `./${item}` : nearest(item, known);
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `Unknown plugin.${suggestion} Known plugins: ${known.join(", ")}; the path of a module has a / in it`;
}

/** Returns the name of a plugin for tables, logs and tags. A command is named after its program: the rest may contain a password. */
export function pluginName(choice: PluginChoice): string {
  if (choice.type === "exec") return `exec:${programName(choice.command)}`;
  return choice.type === "module" ? choice.path : choice.name;
}

/** Returns the item of COLLECT_PLUGINS, a command with its arguments: not for logs. */
export function pluginSpelling(choice: PluginChoice): string {
  return choice.type === "exec" ? `exec:${choice.command}` : pluginName(choice);
}

/** The plugins of COLLECT_PLUGINS, each once; mistakes have the wrong item and the known names. */
export function choosePlugins(
  env: Env,
  items: readonly string[],
  known: readonly string[],
): { chosen: PluginChoice[]; issues: string[] } {
  const name = givenName(pipelineVariables.plugins, env) ?? "COLLECT_PLUGINS";
  const expects = `names among ${known.join(", ")}, paths with a / in them, or exec:command (with blanks in the command: ["exec:command argument"])`;
  const chosen = new Map<string, PluginChoice>();
  const issues: string[] = [];
  for (const item of new Set(items)) {
    try {
      const choice = parsePluginChoice(item, known);
      chosen.set(pluginSpelling(choice), choice);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const meant = nearest(item, known);
      const suggestion = meant === undefined ? "" : `; did you mean ${meant}?`;
      issues.push(mistake(name, item, expects, env[name]) + suggestion);
    }
  }
  return { chosen: [...chosen.values()], issues: [...new Set(issues)] };
}
