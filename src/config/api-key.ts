import { datadogVariables } from "./datadog-variables.ts";
import { type Env, givenName } from "./variable.ts";

/** Reads a small file whole; throws an Error with a `code` such as ENOENT when that cannot be done. */
export type ReadText = (path: string) => string;

/**
 * The API key, or in a sentence why there is none. Looked for in this order, and only the first place that is set counts:
 * `API_KEY` (with its alias), the file of `API_KEY_FILE`, the systemd credential `api_key`
 * (`LoadCredential=`, systemd.exec(5): the file of that name in `$CREDENTIALS_DIRECTORY`). An empty file counts as none: the
 * service's own is empty until somebody writes a key into it.
 */
export function findApiKey(env: Env, readText: ReadText): { key: string } | { issue: string } {
  const name = givenName(datadogVariables.apiKey, env);
  if (name !== undefined) return checkedKey(env[name] ?? "", name);
  const path = env.API_KEY_FILE?.trim();
  const fromFile = path === undefined ? undefined : keyFromFile(path, readText);
  return fromFile ?? keyFromCredential(env.CREDENTIALS_DIRECTORY, readText) ?? { issue: NO_KEY };
}

const NO_KEY =
  "API_KEY: got nothing, expects a Datadog API key; it may also come from DD_API_KEY, from a file (API_KEY_FILE) or from the systemd credential api_key";

function keyFromFile(path: string, readText: ReadText) {
  try {
    return keyIn(readText(path), "API_KEY_FILE");
  } catch (error) {
    // A path is printed only where it looks like one: the key itself is easily put there by mistake.
    const shown = /^\.{0,2}\//.test(path) ? JSON.stringify(path) : "a value that is not printed";
    return {
      issue: `API_KEY_FILE: got ${shown}, ${reason(error)}; expects the path of a file that holds the key`,
    };
  }
}

function keyFromCredential(directory: string | undefined, readText: ReadText) {
  if (directory === undefined) return undefined;
  try {
    return keyIn(readText(`${directory}/api_key`), "the systemd credential api_key");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    return {
      issue: `API_KEY: the systemd credential api_key is there, but ${reason(error)}; check LoadCredential=`,
    };
  }
}

function keyIn(text: string, source: string) {
  return text.trim() === "" ? undefined : checkedKey(text, source);
}

/** The key goes into a header: a line end, a blank or a letter outside ASCII in it would break or split the request. */
function checkedKey(text: string, source: string): { key: string } | { issue: string } {
  const key = text.trim();
  if (/^[\x21-\x7e]{1,256}$/.test(key)) return { key };
  const got = key === "" ? "nothing" : "a value that is not printed";
  return {
    issue: `${source}: got ${got}, expects a Datadog API key alone: letters and digits without blanks or line ends in between`,
  };
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EFBIG") return "it is too big for a key";
  return `it cannot be read (${code})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
