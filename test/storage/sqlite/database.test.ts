import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "../../../src/errors.ts";
import { ALL } from "../rig.ts";
import { BACKENDS } from "./backends.ts";
import { add, keysIn, named, RAW, stateDirectory } from "./state.ts";

// SQLite in WebAssembly is slow to start on a busy machine.
setDefaultTimeout(60_000);

describe.each(BACKENDS)("the database file: $name", (backend) => {
  const state = stateDirectory(backend);

  /** Runs a program that commits `count` records with this prefix and then dies by SIGKILL. */
  async function commitAndDie(prefix: string, count: number): Promise<void> {
    const [command, ...words] = await backend.program("commit-records.ts");
    const program = spawn(command, [...words, state.path, prefix, String(count)], { stdio: "inherit" });
    expect((await once(program, "exit"))[1]).toBe("SIGKILL");
  }

  test("is created for its owner only, like its directory", async () => {
    const storage = state.open();
    await storage.commit(add("a"));
    expect(await state.files()).toEqual(named(backend.inUse));
    for (const file of await readdir(join(state.dir, "state"), { recursive: true, withFileTypes: true })) {
      const mode = (await stat(join(file.parentPath, file.name))).mode & 0o777;
      expect([file.name, mode]).toEqual([file.name, file.isDirectory() ? 0o700 : 0o600]);
    }
    expect((await stat(join(state.dir, "state"))).mode & 0o777).toBe(0o700);
    await storage.close();
    expect(await state.files()).toEqual(named(backend.closed));
  });

  test("keeps everything for the next opening", async () => {
    const first = state.open();
    await first.commit({ ...add("a"), stamps: [7], notes: { n: "text" } });
    await first.acquire({ name: "raw", owner: "me" }, 60);
    await first.close();
    const second = state.open();
    expect([
      await keysIn(second),
      await second.stamps(0, 10),
      await second.note("n"),
      await second.acquire({ name: "raw", owner: "you" }, 60),
    ]).toEqual([["a"], [7], "text", "me"]);
    await second.close();
    expect(state.warnings).toEqual([]);
  });

  test("keeps the commits of a killed process", async () => {
    await commitAndDie("k", 25);
    const storage = state.open();
    expect((await storage.size(RAW)).count).toBe(25);
    await storage.close();
  });

  test("is shared by processes that start and commit at the same time", async () => {
    await Promise.all(["a", "b", "c"].map((prefix) => commitAndDie(prefix, 100)));
    const storage = state.open();
    expect((await storage.size(RAW)).count).toBe(300);
    await storage.close();
  });

  test.each(["removed", "replaced by another process"])(
    "is made again and reported when it was %s while in use",
    async (how) => {
      const storage = state.open();
      await storage.commit(add("a", "b"));
      await rm(join(state.dir, "state"), { recursive: true });
      const other = how === "removed" ? undefined : state.open();
      await other?.commit(add("c"));
      await other?.close();
      await storage.commit(add("d"));
      const kept = backend.name === "node:sqlite" ? ["a", "b"] : [];
      const expected = [...kept, ...(other === undefined ? [] : ["c"]), "d"];
      expect(await keysIn(storage)).toEqual(expected);
      expect(state.warnings).toEqual([expect.stringContaining(`${state.path} was removed or replaced`)]);
      const reader = state.open({ readOnly: true });
      expect(await keysIn(reader)).toEqual(expected);
      await Promise.all([reader.close(), storage.close()]);
    },
  );

  test("is not locked by an interrupted peek", async () => {
    const storage = state.open();
    await storage.commit(add("a", "b", "c"));
    expect((await storage.peek(RAW, { ...ALL, maxBytes: 1 })).length).toBe(1);
    const other = state.open();
    await other.commit(add("d"));
    // In WAL mode a reader blocks no commit, but it blocks a checkpoint.
    if (backend.name === "node:sqlite") expect(checkpoint(state.path)).toMatchObject({ busy: 0 });
    await other.close();
    expect(await keysIn(storage)).toEqual(["a", "b", "c", "d"]);
    await storage.close();
  });

  describe("opened read-only", () => {
    test("rejects when no agent has run, creates nothing, and works once one has", async () => {
      const reader = state.open({ readOnly: true });
      const error = await reader.size(RAW).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(StorageError);
      expect(String(error)).toMatch(/\/chouette\.db.*sudo systemctl start chouette/);
      expect(await readdir(state.dir)).toEqual([]);
      const agent = state.open();
      await agent.commit(add("a"));
      expect(await keysIn(reader)).toEqual(["a"]);
      await agent.commit(add("b"));
      expect(await keysIn(reader)).toEqual(["a", "b"]);
      await agent.close();
      expect(await keysIn(reader)).toEqual(["a", "b"]);
      await reader.close();
      await expect(reader.size(RAW)).rejects.toThrow(StorageError);
    });

    test("leaves a closed database and its directory unchanged, byte by byte", async () => {
      const agent = state.open();
      await agent.commit(add("a"));
      await agent.close();
      const before = await readFile(state.path);
      const reader = state.open({ readOnly: true });
      await expect(reader.commit(add("b"))).rejects.toThrow(StorageError);
      expect([await keysIn(reader), await reader.note("n"), await reader.stamps(0, 1)]).toEqual([
        ["a"],
        undefined,
        [],
      ]);
      expect(await state.files()).toEqual(named(backend.closed));
      expect(await readFile(state.path)).toEqual(before);
    });

    test("reads what a killed agent left, and leaves it unchanged", async () => {
      await commitAndDie("k", 3);
      const contents = async () => {
        const files = await state.files();
        const whole = files.filter((file) => !file.endsWith("-shm") && !file.endsWith("-lock"));
        return [files, await Promise.all(whole.map((file) => readFile(join(state.dir, "state", file))))];
      };
      const before = await contents();
      const reader = state.open({ readOnly: true });
      expect((await reader.size(RAW)).count).toBe(3);
      expect(await contents()).toEqual(before);
    });
  });
});

function checkpoint(path: string): unknown {
  const database = new DatabaseSync(path);
  const result = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  database.close();
  return result;
}
