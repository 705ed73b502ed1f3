import { expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { run } from "../../scripts/machines/debian-root.ts";

/** scripts/test.sh: the builds of build.ts do not tell where they were made. Needs npm's registry once, for the runtimes. */
setDefaultTimeout(180_000);

const ROOT = join(import.meta.dir, "../..");
const TARGETS = ["linux-x64", "linux-arm64", "linux-armv7"];
const SOURCES = ["src", "scripts", "build.ts", "package.json", "package-lock.json", "node_modules"];

test("the same source in another folder gives the same executables, byte for byte", async () => {
  const here = await Promise.all(TARGETS.map(async (target) => sha256(await executable(target))));
  // On the same disk, for links instead of copies of node_modules.
  const folder = mkdtempSync(join(ROOT, "dist/elsewhere-"));
  try {
    const copy = join(folder, "and/deeper");
    mkdirSync(copy, { recursive: true });
    await run(["cp", "-al", ...SOURCES.map((name) => join(ROOT, name)), copy]);
    await run(["env", "-C", dirname(copy), process.execPath, "run", "deeper/build.ts", "--target", "all"]);
    const there = TARGETS.map((target) => sha256(join(copy, `dist/chouette-${target}`)));
    expect(there).toEqual(here);
    const { components } = JSON.parse(readFileSync(join(copy, "dist/sbom.cdx.json"), "utf8"));
    expect(components.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["bun", "node", "pino", "ioredis", "node-sqlite3-wasm"]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
