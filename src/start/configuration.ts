import type { ReadText } from "../config/api-key.ts";
import { type Config, coreVariables, loadConfig } from "../config/config.ts";
import { lineOf, parseEnvFile, withEnvFile } from "../config/env-file.ts";
import type { Env, Variable } from "../config/variable.ts";
import { warnOfUnknown } from "../config/warnings.ts";
import { ConfigError } from "../errors.ts";
import { readCertificates } from "../io/ca-certificates.ts";
import { codeOf, inWords } from "../io/system-errors.ts";
import { pluginVariables } from "./built-in-plugins.ts";
import type { Call } from "./command-line.ts";
import type { World } from "./world.ts";

/** Loads the configuration for a call, and reads its env file again; throws ConfigError with every mistake. */
export function configOf(call: Call, world: World): Config {
  const file = call.envFile === undefined ? {} : readEnvFile(call.envFile, world.machine.readText);
  const env = withEnvFile(world.env, file);
  const chosenLevel = call.logLevel === undefined ? {} : { LOG_LEVEL: call.logLevel };
  const dryRun = "dryRun" in call && call.dryRun && !("check" in call && call.check);
  const requireApiKey = (call.command === "run" || call.command === "flush") && !dryRun;
  const config = withLines(call.envFile, file, world, () =>
    loadConfig(
      { ...env, ...chosenLevel },
      { hostname: world.hostname(), home: world.home, readText: readTextFor(call, world), readCertificates },
      { pluginVariables, requireApiKey },
    ),
  );
  const unknown = warnOfUnknown(call.envFile ?? "", Object.keys(file), KNOWN_NAMES);
  return { ...config, warnings: [...unknown, ...config.warnings] };
}

/** Adds to each mistake in a variable of the env file where it stands there, unless the environment sets another value. */
function withLines(path: string | undefined, file: Env, { env, machine }: World, load: () => Config): Config {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError) || path === undefined) throw error;
    const text = machine.readText(path);
    const located = error.issues.map((issue) => {
      const name = /^\w+/.exec(issue)?.[0] ?? "";
      const line = env[name] === undefined || env[name] === file[name] ? lineOf(text, name) : undefined;
      return line === undefined ? issue : `${issue} (${path}, line ${line})`;
    });
    throw new ConfigError(located);
  }
}

/** Every variable that is read; those of the last line are read by the runtime or locate the caller's files. */
export const KNOWN_NAMES: readonly string[] = [
  ...[coreVariables, ...Object.values(pluginVariables)].flatMap((table) =>
    Object.values<Variable>(table).flatMap(({ names }) => names),
  ),
  ...["XDG_STATE_HOME", "CREDENTIALS_DIRECTORY", "NO_COLOR"],
];

/** Reads the variables of an env file. Throws ConfigError when it cannot be read, or with every malformed line. */
export function readEnvFile(path: string, readText: (path: string) => string): Env {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    throw new ConfigError([`--env-file ${path}: ${inWords(error)}`]);
  }
  if (text.includes("\0")) throw new ConfigError([`${path}: this is not text in UTF-8: save it as UTF-8`]);
  const { env, issues } = parseEnvFile(text);
  if (issues.length > 0) throw new ConfigError(issues.map((issue) => `${path}: ${issue}`));
  return env;
}

/** Skips the credential in ExecReload=, where systemd hides it. */
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
