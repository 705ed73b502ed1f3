const VARIABLE = "\0UV_USE_IO_URING\0";
/** A variable that is set wherever programs start, and whose value atoi() reads as 0. */
const SET_AND_NO_NUMBER = "PATH";

/**
 * Returns Node's executable with io_uring switched off. In 20.11.0 libuv reads and writes files through it unless the variable
 * UV_USE_IO_URING is 0, which it reads before any line of ours; so this renames the variable. With io_uring, programs on 32-bit ARM
 * may not start (https://github.com/nodejs/node/issues/52562), and a process that has dropped root still opens files as root
 * (CVE-2024-22017). From 20.11.1 on it is off by default. Throws when the name occurs more than once.
 */
export function noIoUring(executable: Uint8Array): Uint8Array {
  const bytes = Buffer.from(executable);
  const at = bytes.indexOf(VARIABLE);
  if (at === -1) return bytes;
  if (bytes.indexOf(VARIABLE, at + 1) !== -1)
    throw new Error(
      "Node's executable has the name UV_USE_IO_URING twice: which one libuv asks for is not known",
    );
  bytes.fill(0, at, at + VARIABLE.length);
  bytes.write(SET_AND_NO_NUMBER, at + 1, "latin1");
  return bytes;
}
