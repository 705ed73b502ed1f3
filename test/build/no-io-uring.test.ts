import { expect, test } from "bun:test";
import { noIoUring } from "../../scripts/build/no-io-uring.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

test("libuv asks for another variable, and everything else is as it was", () => {
  const executable = bytes("\x7fELF\0UV_USE_IO_URING\0UV_THREADPOOL_SIZE\0\xff");
  expect(Buffer.from(noIoUring(executable)).toString("latin1")).toBe(
    `\x7fELF\0PATH${"\0".repeat("UV_USE_IO_URING".length - "PATH".length)}\0UV_THREADPOOL_SIZE\0\xff`,
  );
  expect(executable).toEqual(bytes("\x7fELF\0UV_USE_IO_URING\0UV_THREADPOOL_SIZE\0\xff"));
});

test("a Node that does not know io_uring stays as it is", () => {
  const executable = bytes("\x7fELF\0UV_THREADPOOL_SIZE\0");
  expect(new Uint8Array(noIoUring(executable))).toEqual(executable);
});

test("two of them are refused: one might be another's", () => {
  expect(() => noIoUring(bytes("\0UV_USE_IO_URING\0\0UV_USE_IO_URING\0"))).toThrow("UV_USE_IO_URING twice");
});
