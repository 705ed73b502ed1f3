import { expect, test } from "bun:test";
import { ownEnvFile } from "../../scripts/build/own-env-file.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

test("Node's option is renamed wherever it is, and everything else is unchanged", () => {
  const executable = bytes("\x7fELF\0--env-file\0--env-file-if-exists\0--env\0\xff");
  expect(Buffer.from(ownEnvFile(executable)).toString("latin1")).toBe(
    "\x7fELF\0--env\x01file\0--env\x01file-if-exists\0--env\0\xff",
  );
  expect(executable).toEqual(bytes("\x7fELF\0--env-file\0--env-file-if-exists\0--env\0\xff"));
});
