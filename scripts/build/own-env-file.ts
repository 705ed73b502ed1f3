const WORD = "--env-file";
/** A text of the same length that is never typed. */
const OTHER = "--env\x01file";

/**
 * Node's executable without its own `--env-file`. It looks for that word in the whole command line, ours included: it would
 * take `chouette run --env-file FILE` for its own, put FILE into the environment, where it wins over the file that is read
 * again later, and end with 9 and "not found" wherever FILE is not below the working directory (20.11 joins the two).
 */
export function ownEnvFile(executable: Uint8Array): Uint8Array {
  const bytes = Buffer.from(executable);
  for (let at = bytes.indexOf(WORD); at !== -1; at = bytes.indexOf(WORD, at))
    bytes.write(OTHER, at, "latin1");
  return bytes;
}
