import { parseEnvFile } from "../config/env-file.ts";
import type { Env } from "../config/variable.ts";
import { ConfigError } from "../errors.ts";
import { inWords } from "../io/system-errors.ts";

/** The variables of an env file, as they are written there. Throws ConfigError when it cannot be read, or with every line that is wrong. */
export function readEnvFile(path: string, readText: (path: string) => string): Env {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    throw new ConfigError([`--env-file ${path}: ${inWords(error)}`]);
  }
  const { env, issues } = parseEnvFile(text);
  if (issues.length > 0) throw new ConfigError(issues.map((issue) => `${path}: ${issue}`));
  return env;
}
