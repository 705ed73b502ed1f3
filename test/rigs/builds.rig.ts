import { expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run } from "../../scripts/machines/debian-root.ts";

/** scripts/test.sh: the builds of build.ts do not tell where they were made. Needs npm's registry once, for the runtimes. */
setDefaultTimeout(180_000);

const ROOT = join(import.meta.dir, "../..");
const TARGETS = ["linux-x64", "linux-arm64", "linux-armv7"];
const SOURCES = ["src", "scripts", "build.ts", "package.json", "package-lock.json", "node_modules"];

test("the same source in two folders gives the same executables, byte for byte", async () => {
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  // On the same disk, for links instead of copies of node_modules.
  const folder = mkdtempSync(join(ROOT, "dist/elsewhere-"));
  try {
    const here = await build(join(folder, "here"));
    const there = await build(join(folder, "and/deeper"));
    expect(hashes(there)).toEqual(hashes(here));
    const { components } = JSON.parse(readFileSync(join(there, "dist/sbom.cdx.json"), "utf8"));
    expect(components.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["bun", "node", "pino", "ioredis", "node-sqlite3-wasm"]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Builds a copy of the source in that folder, from the folder above it; the time of the build is given, for it is in the executables. */
async function build(copy: string): Promise<string> {
  mkdirSync(copy, { recursive: true });
  await run(["cp", "-al", ...SOURCES.map((name) => join(ROOT, name)), copy]);
  const script = join(basename(copy), "build.ts");
  const env = ["env", "-C", dirname(copy), "SOURCE_DATE_EPOCH=1700000000"];
  await run([...env, process.execPath, "run", script, "--target", "all"]);
  return copy;
}

function hashes(copy: string): string[] {
  return TARGETS.map((target) => sha256(join(copy, `dist/chouette-${target}`)));
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
