const VARIABLE = "\0UV_USE_IO_URING\0";
/** Is set wherever programs are started, and its number, as atoi() reads it, is 0. */
const SET_AND_NO_NUMBER = "PATH";

/**
 * Node's executable with io_uring switched off. In 20.11.0 libuv reads and writes files through it unless the variable
 * UV_USE_IO_URING says 0: before any line of ours, so the name of the variable is changed. What goes wrong with it: on 32-bit ARM
 * programs may not start (https://github.com/nodejs/node/issues/52562), and a process that has given up root goes on opening
 * files as root (CVE-2024-22017). From 20.11.1 on it is off unless asked for. Throws when the name is there more than once.
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
