import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, peekKeys, RAW, record } from "../rig.ts";
import { BACKENDS } from "./backends.ts";

setDefaultTimeout(60_000);

const deps = { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} };
const KEYS = Array.from({ length: 1000 }, (_, n) => `k${n + 1000}`);

describe.each(BACKENDS)("the file of a backlog: $name", ({ openSqlite }) => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "chouette-shrink-"));
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function backlog() {
    const path = join(dir, "chouette.db");
    const storage = openSqlite(path, deps);
    // Random text, which does not deflate well.
    const body = () => Buffer.from(crypto.getRandomValues(new Uint8Array(3000))).toString("base64");
    await add(storage, RAW, ...KEYS.map((key, at) => record(key, at, body())));
    return { storage, size: () => statSync(path).size };
  }

  test("goes back to a few pages once it is drained, and keeps what waits", async () => {
    const { storage, size } = await backlog();
    await storage.commit({ remove: [{ queue: RAW, keys: KEYS.slice(10) }], notes: { n: "kept" } });
    await storage.repair(RAW);
    expect(size()).toBeLessThan(150_000);
    expect([await peekKeys(storage, RAW), await storage.note("n")]).toEqual([KEYS.slice(0, 10), "kept"]);
    await storage.close();
  });

  test("is not rewritten while much of it waits", async () => {
    const { storage, size } = await backlog();
    await storage.commit({ remove: [{ queue: RAW, keys: KEYS.slice(500) }] });
    await storage.close();
    const before = size();
    const again = openSqlite(join(dir, "chouette.db"), deps);
    await again.repair(RAW);
    await again.close();
    expect(size()).toBe(before);
  });
});
