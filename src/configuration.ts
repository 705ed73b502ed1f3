import { builtInPlugins } from "./app-plugins.ts";
import type { Call } from "./cli.ts";
import { type Config, loadConfig } from "./config.ts";
import { parseEnvFile, withEnvFile } from "./env-file.ts";
import { ConfigError } from "./errors.ts";
import { readCredential } from "./io/credentials.ts";
import { inWords } from "./io/in-words.ts";
import type { World } from "./world.ts";

/** The configuration for what was typed, its env file read anew; throws ConfigError with every mistake there is. */
export function configOf(call: Call, world: World): Config {
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
