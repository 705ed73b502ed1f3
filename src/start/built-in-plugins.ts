import type { Variables } from "../config/variable.ts";
import type { Plugin } from "../plugins/plugin.ts";
import * as registry from "../plugins/registry.ts";

/** Every built-in plugin by its name. */
export const builtInPlugins: Readonly<Record<string, Plugin>> = { ...registry } as unknown as Record<
  string,
  Plugin
>;

/** The variables of every built-in plugin by its name. */
export const pluginVariables: Readonly<Record<string, Variables>> = Object.fromEntries(
  Object.entries(builtInPlugins).map(([name, { variables }]) => [name, variables]),
);
