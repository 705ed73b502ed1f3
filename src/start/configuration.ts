import type { ReadText } from "../config/api-key.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { withEnvFile } from "../config/env-file.ts";
import { codeOf } from "../io/system-errors.ts";
import type { Call } from "./call.ts";
import { builtInPlugins } from "./plugins.ts";
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
    { hostname: world.hostname, home: world.home, readText: readTextFor(call, world) },
    { pluginVariables, requireApiKey },
  );
}

/** systemd shows a credential to the service alone, and not to its ExecReload=: there it is not looked at. */
function readTextFor(call: Call, { env, machine }: World): ReadText {
  if (call.command !== "run" || !call.check) return machine.readText;
  return (path) => {
    try {
      return machine.readText(path);
    } catch (error) {
      const isHidden = path.startsWith(`${env.CREDENTIALS_DIRECTORY}/`) && codeOf(error) === "EACCES";
      if (isHidden) return "hidden";
      throw error;
    }
  };
}
