import { datadogVariables } from "./datadog-variables.ts";
import { type Env, givenName } from "./variable.ts";

/** Reads a small file; throws an Error with a `code` such as ENOENT. */
export type ReadText = (path: string) => string;

export type FoundKey = { key: string } | { issue: string };

/**
 * Finds the API key, or the reason why there is none. Only the first of these sources that is set counts:
 * `API_KEY` (with its alias), the file of `API_KEY_FILE`, the systemd credential `api_key`
 * (`LoadCredential=`, systemd.exec(5): the file of that name in `$CREDENTIALS_DIRECTORY`). An empty file counts as missing.
 */
export function findApiKey(env: Env, readText: ReadText): FoundKey {
  const name = givenName(datadogVariables.apiKey, env);
  if (name !== undefined) return checkedKey(env[name] ?? "", name);
  const path = env.API_KEY_FILE?.trim();
  const fromFile = path === undefined ? undefined : keyFromFile(path, readText);
  return fromFile ?? keyFromCredential(env.CREDENTIALS_DIRECTORY, readText) ?? { issue: NO_KEY };
}

const NO_KEY =
  "API_KEY: got nothing, expects a Datadog API key; it may also come from DD_API_KEY, from a file (API_KEY_FILE) or from the systemd credential api_key";

/** The file of LoadCredential= in chouette.service. */
const KEY_FILE = "/etc/chouette/api_key";

/** The command that writes the key of the service. */
export const WRITE_KEY = `sudo sh -c 'cat > ${KEY_FILE}' && sudo systemctl restart chouette   (then the key, Enter, Ctrl+D)`;

function keyFromFile(path: string, readText: ReadText): FoundKey | undefined {
  // Only what looks like a path is printed: people put the key itself there by mistake.
  const shown = /^\.{0,2}\//.test(path) ? JSON.stringify(path) : "a value that is not printed";
  try {
    return keyIn(readText(path), `API_KEY_FILE ${shown}`);
  } catch (error) {
    return {
      issue: `API_KEY_FILE: got ${shown}, ${reason(error)}; expects the path of a file that holds the key`,
    };
  }
}

function keyFromCredential(directory: string | undefined, readText: ReadText): FoundKey | undefined {
  if (directory === undefined) return undefined;
  const isService = directory === "/etc/chouette" || directory.endsWith("/chouette.service");
  const file = isService ? KEY_FILE : `${directory}/api_key`;
  try {
    const found = keyIn(readText(`${directory}/api_key`), file);
    if (found !== undefined || !isService) return found;
    // The unit's credential is also empty when the file is missing.
    return { issue: `${file} is empty: write the API key into it: ${WRITE_KEY}` };
  } catch (error) {
    const isMissing = codeOf(error) === "ENOENT";
    if (isMissing && directory === "/etc/chouette")
      return { issue: `${file} does not exist: write the API key into it: ${WRITE_KEY}` };
    if (isMissing) return undefined;
    return {
      issue: `${file}, the systemd credential api_key, is there, but ${reason(error)}; check LoadCredential=`,
    };
  }
}

function keyIn(text: string, source: string): FoundKey | undefined {
  return text.trim() === "" ? undefined : checkedKey(text, source);
}

/** Texts that people paste instead of a key, and the reason why they are rejected. */
const FAULTS: readonly (readonly [fault: RegExp, reason: string])[] = [
  [/["'`]/, "there is a quote in it"],
  [/api[-_]?key/i, "the name of the variable is in it"],
  [/[=:$%{}]/, "an assignment or a variable is in it, which is not replaced here"],
  [/[<>]/, "it is the placeholder of an example"],
  [/\s/, "there is a blank or a line end in it"],
];

/** Checks the key, which goes into a header: other characters would break the request, or be refused by the intake without a reason. */
function checkedKey(text: string, source: string): FoundKey {
  const key = text.trim();
  const [, fault] = FAULTS.find(([pattern]) => pattern.test(key)) ?? [];
  if (fault === undefined && /^[A-Za-z0-9_-]{1,256}$/.test(key)) return { key };
  const got = key === "" ? "nothing" : "a value that is not printed";
  const why = fault === undefined ? "" : `; ${fault}`;
  return {
    issue: `${source}: got ${got}, expects a Datadog API key alone: letters, digits, - and _${why}${source === KEY_FILE ? `; write it again: ${WRITE_KEY}` : ""}`,
  };
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EFBIG") return "it is too big for a key";
  if (code === "ENODATA") return "nothing is written to this pipe";
  return `it cannot be read (${code})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
