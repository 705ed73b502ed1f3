import { pipelineVariables } from "./pipeline-variables.ts";
import { type Env, givenName, mistake } from "./variable.ts";

/** What runs: a built-in plugin by its name, a module of one's own by its path, or a command that prints metrics. */
export type PluginChoice =
  | { type: "built-in"; name: string }
  | { type: "module"; path: string }
  | { type: "exec"; command: string };

/** The plugins that COLLECT_PLUGINS asks for, each once; mistakes name what is wrong and what there is. */
export function choosePlugins(
  env: Env,
  items: readonly string[],
  known: readonly string[],
): { chosen: PluginChoice[]; issues: string[] } {
  const name = givenName(pipelineVariables.plugins, env) ?? "COLLECT_PLUGINS";
  const expects = `names among ${known.join(", ")}, paths with a / in them, or exec:command (with blanks in the command: ["exec:command argument"])`;
  const chosen: PluginChoice[] = [];
  const issues: string[] = [];
  for (const item of new Set(items)) {
    const choice = choose(item, known);
    if (choice !== undefined) chosen.push(choice);
    else issues.push(mistake(name, item, expects));
  }
  return { chosen, issues };
}

function choose(item: string, known: readonly string[]): PluginChoice | undefined {
  if (item.startsWith("exec:")) {
    const command = item.slice("exec:".length).trim();
    return command === "" ? undefined : { type: "exec", command };
  }
  if (item.includes("/")) return { type: "module", path: item };
  const name = item.toLowerCase();
  return known.includes(name) ? { type: "built-in", name } : undefined;
}
