import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../../../src/errors.ts";
import { ALL } from "../rig.ts";
import { BACKENDS } from "./backends.ts";
import { add, keysIn, named, RAW, stateDirectory } from "./state.ts";

// SQLite in WebAssembly is slow to start on a busy machine.
setDefaultTimeout(60_000);

describe.each(BACKENDS)("a damaged database: $name", (backend) => {
  const state = stateDirectory(backend);
  const ASIDE = "chouette.db.corrupt-1700000000";
  /** The warning has the name of the database, its new name, and how many records are kept. */
  const expectWarning = (kept: number) => {
    const aside = join(state.dir, "state", ASIDE);
    expect(state.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^The database ${state.path} was damaged.* ${aside}; ${kept} of its records`),
      ),
    ]);
  };

  /** Creates an intact database of many pages; returns its size in bytes. */
  async function create(records = 5000): Promise<number> {
    const storage = state.open();
    await storage.commit(add(...Array.from({ length: records }, (_, i) => `key-${i}`)));
    await storage.close();
    return (await stat(state.path)).size;
  }

  /** Overwrites bytes of the database. */
  async function scribble(from: number, to: number): Promise<void> {
    const file = await open(state.path, "r+");
    await file.write(Buffer.alloc(to - from, 0xa5), 0, to - from, from);
    await file.close();
  }

  test.each([
    ["garbage", () => writeFile(state.path, "this is not a database\n".repeat(500))],
    ["a few bytes", () => writeFile(state.path, "oops")],
    ["cut off", async () => truncate(state.path, 4096 * Math.floor((await create()) / 8192))],
    ["overwritten in the middle", async () => scribble(8192, (await create()) / 2)],
    ["overwritten at its start", async () => create().then(() => scribble(0, 4096))],
  ])("%s: is renamed with a warning, and another replaces it with what can be read", async (_, damage) => {
    await mkdir(join(state.dir, "state"));
    await damage();
    await writeFile(`${state.path}-wal`, "left over");
    const before = await readFile(state.path);
    const storage = state.open();
    const { count } = await storage.size(RAW);
    expectWarning(count);
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toContain("a");
    await storage.close();
    const files = (await state.files()).filter((file) => !/-(journal|lock|wal|shm)$/.test(file));
    expect(files).toEqual(["chouette.db", ASIDE]);
    // A truncated file has its length again.
    const aside = await readFile(join(state.dir, "state", ASIDE));
    expect(aside.subarray(0, before.length).equals(before)).toBe(true);
  });

  test("is renamed together with the files of a process that has it open", async () => {
    const size = await create();
    const other = state.open();
    await other.commit(add("in the -wal file"));
    await scribble(4096 * 20, size);
    const storage = state.open();
    // The lock belongs to the path, not to the file.
    const moved = backend.inUse.filter((suffix) => suffix !== "-lock");
    expect(await state.files()).toEqual([...named(backend.inUse), ...named(moved, ASIDE)].sort());
    expect(await keysIn(storage)).not.toContain("a");
    await other.close();
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toContain("a");
    await storage.close();
  });

  test("makes the operation that finds it reject, and the next one begin with what can be read", async () => {
    // More than the 2 MB of pages that SQLite caches.
    const size = await create(150_000);
    const storage = state.open();
    await scribble(4096, size);
    const error = await storage.peek(RAW, ALL).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(StorageError);
    expect(String(error)).toMatch(/chouette\.db is damaged.*sudo dmesg/);
    const { count } = await storage.size(RAW);
    expectWarning(count);
    await storage.commit(add("a"));
    await storage.close();
  });

  test("is not changed by a read-only storage", async () => {
    await mkdir(join(state.dir, "state"));
    await writeFile(state.path, "this is not a database\n".repeat(500));
    const storage = state.open({ readOnly: true });
    await expect(storage.size(RAW)).rejects.toThrow(StorageError);
    expect(await state.files()).toEqual(["chouette.db"]);
    expect(state.warnings).toEqual([]);
  });
});
