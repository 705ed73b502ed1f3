import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../../../src/errors.ts";
import { ALL } from "../rig.ts";
import { BACKENDS } from "./backends.ts";
import { add, keysIn, named, RAW, stateDirectory } from "./state.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

describe.each(BACKENDS)("a damaged database: $name", (backend) => {
  const state = stateDirectory(backend);
  const ASIDE = "chouette.db.corrupt-1700000000";
  const said = () => {
    const aside = join(state.dir, "state", ASIDE);
    return `The database ${state.path} was damaged and is now called ${aside}; an empty one takes its place. What is left in it: sqlite3 ${aside} .recover`;
  };

  /** A sound database of many pages, closed. */
  async function create(records = 5000): Promise<number> {
    const storage = state.open();
    await storage.commit(add(...Array.from({ length: records }, (_, i) => `key-${i}`)));
    await storage.close();
    return (await stat(state.path)).size;
  }

  /** Writes over the pages from the second to the last. */
  async function scribble(from: number, to: number): Promise<void> {
    const file = await open(state.path, "r+");
    await file.write(Buffer.alloc(to - from, 0xa5), 0, to - from, from);
    await file.close();
  }

  test.each([
    ["garbage", () => writeFile(state.path, "this is no database\n".repeat(500))],
    ["a few bytes", () => writeFile(state.path, "oops")],
    ["cut off", async () => truncate(state.path, 4096 * Math.floor((await create()) / 8192))],
    ["overwritten in the middle", async () => scribble(8192, (await create()) / 2)],
    ["overwritten at its start", async () => create().then(() => scribble(0, 4096))],
  ])("%s: is moved aside, said, and an empty one takes its place", async (_, damage) => {
    await mkdir(join(state.dir, "state"));
    await damage();
    await writeFile(`${state.path}-wal`, "left over");
    const before = await readFile(state.path);
    const storage = state.open();
    expect(state.warnings).toEqual([said()]);
    expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toEqual(["a"]);
    await storage.close();
    const files = (await state.files()).filter((file) => !/-(journal|lock|wal|shm)$/.test(file));
    expect(files).toEqual(["chouette.db", ASIDE]);
    expect(await readFile(join(state.dir, "state", ASIDE))).toEqual(before);
  });

  test("is moved aside together with the files of a process that has it open", async () => {
    const size = await create();
    const other = state.open();
    await other.commit(add("in the -wal file"));
    await scribble(4096 * 20, size);
    const storage = state.open();
    // The lock is of the name, not of the file.
    const moved = backend.inUse.filter((suffix) => suffix !== "-lock");
    expect(await state.files()).toEqual([...named(backend.inUse), ...named(moved, ASIDE)].sort());
    expect(await keysIn(storage)).toEqual([]);
    await other.close();
    await storage.commit(add("a"));
    expect(await keysIn(storage)).toEqual(["a"]);
    await storage.close();
  });

  test("met by an operation: it rejects, and the next one begins anew", async () => {
    // More than the 2 MB of pages that SQLite keeps in memory.
    const size = await create(150_000);
    const storage = state.open();
    await scribble(4096, size);
    await expect(storage.peek(RAW, ALL)).rejects.toThrow(
      new StorageError(
        `The database ${state.path} is damaged. It is moved aside at the next try; later: sqlite3 ${state.path}.corrupt-… .recover; look: sudo dmesg | tail.`,
      ),
    );
    expect(await storage.size(RAW)).toEqual({ count: 0, oldest: undefined, newest: undefined });
    expect(state.warnings).toEqual([said()]);
    await storage.commit(add("a"));
    await storage.close();
  });

  test("is not touched by one who only reads", async () => {
    await mkdir(join(state.dir, "state"));
    await writeFile(state.path, "this is no database\n".repeat(500));
    const storage = state.open({ readOnly: true });
    await expect(storage.size(RAW)).rejects.toThrow(StorageError);
    expect(await state.files()).toEqual(["chouette.db"]);
    expect(state.warnings).toEqual([]);
  });
});
