import { expect, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

test.each([
  [
    ["--target", "linux-riscv64"],
    "build.ts: there is no build for linux-riscv64; --target takes linux-x64, linux-arm64, linux-armv7 and all",
  ],
  [["--traget", "all"], "build.ts: Unknown option '--traget'"],
  [
    ["--target", "linux-armv7", "--armv7-runtime", "README.md"],
    `build.ts: ${ROOT}/README.md is not an executable for 32-bit ARM: take bin/node of a node-v…-linux-armv7l.tar.xz`,
  ],
  [
    ["--target", "linux-armv7", "--armv7-runtime", "/nowhere/node"],
    "build.ts: ENOENT: no such file or directory",
  ],
])("%p is refused in one sentence", async (words, complaint) => {
  const child = Bun.spawn([process.execPath, "run", "build.ts", ...words], {
    cwd: ROOT,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, said] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect({ code: await child.exited, out }).toEqual({ code: 1, out: "" });
  expect(said).toStartWith(complaint);
  expect(said.trim().split("\n")).toHaveLength(1);
});
