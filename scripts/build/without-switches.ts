/**
 * Bun's own switches, as of 1.4: options and preloaded programs, the plain runtime instead of the program, debuggers, a trace of
 * requests with their headers, and TLS without verification.
 */
export const BUN_SWITCHES = [
  "BUN_OPTIONS",
  "BUN_BE_BUN",
  "BUN_INSPECT",
  "BUN_INSPECT_PRELOAD",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_CONFIG_VERBOSE_FETCH",
  "NODE_TLS_REJECT_UNAUTHORIZED",
] as const;

/**
 * A runtime's executable that no longer reads these variables of the environment, since no build option turns them off: the
 * first letter of each name becomes `=`, which no name of a variable can have. Throws when a name is not there exactly once,
 * as a text of its own: then the runtime reads it in another way, to be looked at.
 */
export function withoutSwitches(executable: Uint8Array, names: readonly string[]): Uint8Array {
  const bytes = Buffer.from(executable);
  for (const name of names) {
    const text = `\0${name}\0`;
    const at = bytes.indexOf(text);
    if (at === -1 || bytes.indexOf(text, at + 1) !== -1)
      throw new Error(
        `the runtime has the name ${name} ${at === -1 ? "nowhere" : "twice"} as a text of its own: see how it reads it`,
      );
    bytes.write("=", at + 1, "latin1");
  }
  return bytes;
}
