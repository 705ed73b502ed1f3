import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_TARBALL, nodeTarball } from "../../scripts/build/node-tarball.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "chouette-tarball-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Puts a tarball where a download of version 9.9.9 would be; its SHA-256. */
async function put(files: Record<string, string>): Promise<string> {
  const bytes = await new Bun.Archive(files, { compress: "gzip" }).bytes();
  writeFileSync(join(cache, "node-v9.9.9-linux-armv7l.tar.gz"), bytes);
  return createHash("sha256").update(bytes).digest("hex");
}

const FILES = { "node-v9.9.9-linux-armv7l/bin/node": "program", "node-v9.9.9-linux-armv7l/LICENSE": "text" };

test("gives program and licence of the tarball that has the pinned checksum", async () => {
  const { executable, license, url } = await nodeTarball(
    { version: "9.9.9", sha256: await put(FILES) },
    cache,
  );
  expect([new TextDecoder().decode(executable), license, url]).toEqual([
    "program",
    "text",
    "https://nodejs.org/dist/v9.9.9/node-v9.9.9-linux-armv7l.tar.gz",
  ]);
});

test("refuses another tarball, with both checksums", async () => {
  const actual = await put(FILES);
  const pinned = "0".repeat(64);
  expect(nodeTarball({ version: "9.9.9", sha256: pinned }, cache)).rejects.toThrow(
    `its SHA-256 is ${actual} instead of ${pinned}`,
  );
});

test("refuses a tarball without a licence", async () => {
  const sha256 = await put({ "node-v9.9.9-linux-armv7l/bin/node": "program" });
  expect(nodeTarball({ version: "9.9.9", sha256 }, cache)).rejects.toThrow("no bin/node or no LICENSE");
});

test("the pinned one is of a line that has security updates", () => {
  expect(NODE_TARBALL.version).toMatch(/^22\.\d+\.\d+$/);
  expect(NODE_TARBALL.sha256).toMatch(/^[0-9a-f]{64}$/);
});
