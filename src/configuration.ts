import { builtInPlugins } from "./app-plugins.ts";
import type { Call } from "./cli.ts";
import { type Config, loadConfig } from "./config.ts";
import { withEnvFile } from "./env-file.ts";
import { readEnvFile } from "./read-env-file.ts";
import type { World } from "./world.ts";

/** The configuration for what was typed, its env file read anew; throws ConfigError with every mistake there is. */
export function configOf(call: Call, world: World): Config {
  const file = call.envFile === undefined ? {} : readEnvFile(call.envFile, world.machine.readText);
  const env = withEnvFile(world.env, file);
  const chosenLevel = call.logLevel === undefined ? {} : { LOG_LEVEL: call.logLevel };
  const dryRun = "dryRun" in call && call.dryRun;
  const requireApiKey = (call.command === "run" || call.command === "flush") && !dryRun;
  const pluginVariables = Object.fromEntries(
    Object.entries(builtInPlugins).map(([name, { variables }]) => [name, variables]),
  );
  return loadConfig(
    { ...env, ...chosenLevel },
    { hostname: world.hostname, home: world.home, readText: world.machine.readText },
    { pluginVariables, requireApiKey },
  );
}
