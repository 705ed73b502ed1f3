import { expect, test } from "bun:test";
import { noIoUring } from "../../scripts/build/no-io-uring.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

test("libuv reads another variable, and everything else is unchanged", () => {
  const executable = bytes("\x7fELF\0UV_USE_IO_URING\0UV_THREADPOOL_SIZE\0\xff");
  expect(Buffer.from(noIoUring(executable)).toString("latin1")).toBe(
    `\x7fELF\0PATH${"\0".repeat("UV_USE_IO_URING".length - "PATH".length)}\0UV_THREADPOOL_SIZE\0\xff`,
  );
  expect(executable).toEqual(bytes("\x7fELF\0UV_USE_IO_URING\0UV_THREADPOOL_SIZE\0\xff"));
});

test("a Node without io_uring is unchanged", () => {
  const executable = bytes("\x7fELF\0UV_THREADPOOL_SIZE\0");
  expect(new Uint8Array(noIoUring(executable))).toEqual(executable);
});

test("an executable with two such names is refused", () => {
  expect(() => noIoUring(bytes("\0UV_USE_IO_URING\0\0UV_USE_IO_URING\0"))).toThrow("UV_USE_IO_URING twice");
});
