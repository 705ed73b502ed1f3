import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "../../src/errors.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { ALL, record } from "./rig.ts";

const RAW = "chouette:metrics:raw";
const PROGRAMS = join(import.meta.dir, "programs");

let dir: string;
let path: string;
let warnings: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
  path = join(dir, "state", "chouette.db");
  warnings = [];
});
afterEach(() => rm(dir, { recursive: true }));

function openIt(options: { readOnly?: boolean } = {}) {
  const warn = (message: string) => void warnings.push(message);
  return openSqlite(path, { now: () => 1_700_000_000.5, ownerIsGone: () => false, warn }, options);
}

const add = (...keys: string[]) =>
  ({ add: [{ queue: RAW, records: keys.map((key) => record(key, 1)) }] }) as const;

const keysIn = async (storage: ReturnType<typeof openIt>) =>
  (await storage.peek(RAW, ALL)).map(({ key }) => key);

describe("the file", () => {
  test("is created for its owner only, like its directory", async () => {
    const storage = openIt();
    await storage.commit(add("a"));
    const files = await readdir(join(dir, "state"));
    expect(files.sort()).toEqual(["chouette.db", "chouette.db-shm", "chouette.db-wal"]);
    for (const file of files)
      expect([file, (await stat(join(dir, "state", file))).mode & 0o777]).toEqual([file, 0o600]);
    expect((await stat(join(dir, "state"))).mode & 0o777).toBe(0o700);
    await storage.close();
    expect(await readdir(join(dir, "state"))).toEqual(["chouette.db"]);
  });

  test("keeps everything for the next opening", async () => {
    const first = openIt();
    await first.commit({ ...add("a"), stamps: [7], notes: { n: "text" } });
    await first.acquire({ name: "raw", owner: "me" }, 60);
    await first.close();
    const second = openIt();
    expect([
      await keysIn(second),
      await second.stamps(0, 10),
      await second.note("n"),
      await second.acquire({ name: "raw", owner: "you" }, 60),
    ]).toEqual([["a"], [7], "text", "me"]);
    await second.close();
    expect(warnings).toEqual([]);
  });

  test("keeps what a process committed that was killed", async () => {
    const program = spawn(process.execPath, [join(PROGRAMS, "commit-records.ts"), path, "k", "25"]);
    expect((await once(program, "exit"))[1]).toBe("SIGKILL");
    const storage = openIt();
    expect((await storage.size(RAW)).count).toBe(25);
    await storage.close();
  });

  test("is shared by processes that start and commit at the same time", async () => {
    const programs = ["a", "b", "c"].map((prefix) =>
      spawn(process.execPath, [join(PROGRAMS, "commit-records.ts"), path, prefix, "100"], {
        stdio: "inherit",
      }),
    );
    for (const ended of await Promise.all(programs.map((program) => once(program, "exit"))))
      expect(ended[1]).toBe("SIGKILL");
    const storage = openIt();
    expect((await storage.size(RAW)).count).toBe(300);
    await storage.close();
  }, 30_000);

  test("is not locked by a peek that was broken off", async () => {
    const storage = openIt();
    await storage.commit(add("a", "b", "c"));
    expect((await storage.peek(RAW, { ...ALL, maxBytes: 1 })).length).toBe(1);
    const other = new DatabaseSync(path);
    expect(other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
    other.close();
    await storage.close();
  });
});

describe("a damaged database", () => {
  const ASIDE = "chouette.db.corrupt-1700000000";
  const said = () =>
    `The database ${path} was damaged and is now called ${join(dir, "state", ASIDE)}; an empty one takes its place. What is left in it: sqlite3 ${join(dir, "state", ASIDE)} .recover`;

  /** A sound database of many pages, closed. */
  async function create(records = 5000): Promise<number> {
    const storage = openIt();
    await storage.commit(add(...Array.from({ length: records }, (_, i) => `key-${i}`)));
    await storage.close();
    return (await stat(path)).size;
  }

  /** Writes over the pages from the second to the last. */
  async function scribble(from: number, to: number): Promise<void> {
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(to - from, 0xa5), 0, to - from, from);
    await file.close();
  }

  test.each([
    ["garbage", () => writeFile(path, "this is no database\n".repeat(500))],
    ["a few bytes", () => writeFile(path, "oops")],
    ["cut off", async () => truncate(path, 4096 * Math.floor((await create()) / 8192))],
    ["overwritten in the middle", async () => scribble(8192, (await create()) / 2)],
    ["overwritten at its start", async () => create().then(() => scribble(0, 4096))],
  ])("%s: is moved aside, said, and an empty one takes its place", async (_, damage) => {
    await mkdir(join(dir, "state"));
    await damage();
    await writeFile(`${path}-wal`, "left over");
    const before = await readFile(path);
    const storage = openIt();
    expect(warnings).toEqual([said()]);
    expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toEqual(["a"]);
    await storage.close();
    const files = await readdir(join(dir, "state"));
    expect(files.filter((file) => !file.endsWith("-wal") && !file.endsWith("-shm")).sort()).toEqual([
      "chouette.db",
      ASIDE,
    ]);
    expect(await readFile(join(dir, "state", ASIDE))).toEqual(before);
  });

  test("is moved aside together with the files of a process that has it open", async () => {
    const size = await create();
    const other = openIt();
    await other.commit(add("in the -wal file"));
    await scribble(4096 * 20, size);
    const storage = openIt();
    const names = ["chouette.db", ASIDE].flatMap((name) => [name, `${name}-shm`, `${name}-wal`]);
    expect((await readdir(join(dir, "state"))).sort()).toEqual(names);
    expect(await keysIn(storage)).toEqual([]);
    await other.close();
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toEqual(["a"]);
    await storage.close();
  });

  test("met by an operation: it rejects, and the next one begins anew", async () => {
    // More than the 2 MB of pages that SQLite keeps in memory.
    const size = await create(150_000);
    const storage = openIt();
    await scribble(4096, size);
    await expect(storage.peek(RAW, ALL)).rejects.toThrow(
      new StorageError(
        `The database ${path} is damaged. It is moved aside at the next try; later: sqlite3 ${path}.corrupt-… .recover; look: sudo dmesg | tail.`,
      ),
    );
    expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
    expect(warnings).toEqual([said()]);
    await storage.commit(add("a"));
    await storage.close();
  });

  test("is not touched by one who only reads", async () => {
    await mkdir(join(dir, "state"));
    await writeFile(path, "this is no database\n".repeat(500));
    const storage = openIt({ readOnly: true });
    await expect(storage.size(RAW)).rejects.toThrow(StorageError);
    expect(await readdir(join(dir, "state"))).toEqual(["chouette.db"]);
    expect(warnings).toEqual([]);
  });
});

describe("reading only", () => {
  test("says that no agent has run, creates nothing, and works once one has", async () => {
    const reader = openIt({ readOnly: true });
    await expect(reader.size(RAW)).rejects.toThrow(
      new StorageError(
        `There is no ${path}: no agent has run with this state directory yet. Type: sudo systemctl start chouette, or chouette run.`,
      ),
    );
    expect(await readdir(dir)).toEqual([]);
    const agent = openIt();
    await agent.commit(add("a"));
    expect(await keysIn(reader)).toEqual(["a"]);
    await agent.commit(add("b"));
    expect(await keysIn(reader)).toEqual(["a", "b"]);
    await agent.close();
    expect(await keysIn(reader)).toEqual(["a", "b"]);
    await reader.close();
    await expect(reader.size(RAW)).rejects.toThrow(StorageError);
  });

  test("leaves a closed database and its directory as they are, byte by byte", async () => {
    const agent = openIt();
    await agent.commit(add("a"));
    await agent.close();
    const before = await readFile(path);
    const reader = openIt({ readOnly: true });
    await expect(reader.commit(add("b"))).rejects.toThrow(StorageError);
    expect([await keysIn(reader), await reader.note("n"), await reader.stamps(0, 1)]).toEqual([
      ["a"],
      undefined,
      [],
    ]);
    expect(await readdir(join(dir, "state"))).toEqual(["chouette.db"]);
    expect(await readFile(path)).toEqual(before);
  });

  test("reads what a killed agent left in its -wal file, and leaves it there", async () => {
    const program = spawn(process.execPath, [join(PROGRAMS, "commit-records.ts"), path, "k", "3"]);
    await once(program, "exit");
    const before = [await readdir(join(dir, "state")), await readFile(path), await readFile(`${path}-wal`)];
    const reader = openIt({ readOnly: true });
    expect((await reader.size(RAW)).count).toBe(3);
    expect([await readdir(join(dir, "state")), await readFile(path), await readFile(`${path}-wal`)]).toEqual(
      before,
    );
  });
});
