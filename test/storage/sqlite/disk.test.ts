import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StorageError } from "../../../src/errors.ts";
import { BACKENDS } from "./backends.ts";

// SQLite in WebAssembly is slow to start on a busy machine.
setDefaultTimeout(60_000);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe.each(BACKENDS)("a database that cannot be written: $name", ({ openSqlite, program }) => {
  const openAt = (path: string) =>
    openSqlite(path, { now: () => 0, fateOf: () => "unknown" as const, warn: () => {} });

  /** Runs a program on its own disk, in its own mount namespace; returns what it prints. */
  async function onDisk(options: string, name: string): Promise<string> {
    const disk = join(dir, "disk");
    await mkdir(disk);
    const words = (await program(name)).join(" ");
    const script = `mount -t tmpfs -o ${options} tmpfs ${disk} && exec ${words} ${disk}/chouette.db`;
    const unshare = ["--user", "--map-root-user", "--mount", "sh", "-c", script];
    return (await promisify(execFile)("unshare", unshare)).stdout;
  }

  test.each([
    ["below a file", "file/chouette.db", "is not in a directory"],
    ["at the path of a directory", "directory", "is a directory"],
  ])("%s names its path, the problem and the variable to change", async (_, name, problem) => {
    await writeFile(join(dir, "file"), "");
    await mkdir(join(dir, "directory"));
    const file = join(dir, name);
    expect(() => openAt(file)).toThrow(StorageError);
    expect(() => openAt(file)).toThrow(`The database ${file} ${problem}`);
    expect(() => openAt(file)).toThrow("CHOUETTE_STATE_DIR=");
  });

  test.each(["/proc/chouette/chouette.db", "/proc/a/b/chouette.db"])(
    "on a file system without new files: %s",
    async (file) => {
      const problem = `The database ${file} cannot be created`;
      expect(() => openAt(file)).toThrow(problem);
      const [command, ...words] = await program("open-database.ts");
      const { stdout } = await promisify(execFile)(command, [...words, file], { timeout: 10_000 });
      expect(stdout).toStartWith(`StorageError: ${problem}`);
      expect(stdout).toContain("CHOUETTE_STATE_DIR=");
    },
  );

  test("missing directories are created for their owner only", async () => {
    const file = join(dir, "a", "b", "chouette.db");
    await openAt(file).close();
    expect([file, join(dir, "a", "b"), join(dir, "a")].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o600, 0o700, 0o700,
    ]);
  });

  test("on a read-only file system names the command to type", async () => {
    const printed = await onDisk("ro", "open-database.ts");
    expect(printed).toStartWith(`StorageError: The database ${join(dir, "disk")}/chouette.db `);
    expect(printed).toContain(`sudo mount -o remount,rw $(findmnt -nro TARGET -T ${join(dir, "disk")})`);
  });

  test("on a disk without free inodes says so", async () => {
    // One for the root of the disk, one for the database, none for its -wal file.
    const printed = await onDisk("nr_inodes=2", "open-database.ts");
    expect(printed).toStartWith(`StorageError: The database ${join(dir, "disk")}/chouette.db `);
    expect(printed).toContain(`has no free inodes. To free space, type: df -h ${join(dir, "disk")}; df -i `);
  });

  test("on a full disk rejects the commit, loses nothing, and works again when there is space", async () => {
    const disk = join(dir, "disk");
    expect(JSON.parse(await onDisk("size=6m", "fill-disk.ts"))).toEqual({
      message: expect.stringMatching(
        new RegExp(`^StorageError: The database ${disk}/chouette\\.db .*disk is full.* df -h ${disk};`),
      ),
      some: true,
      kept: true,
      left: 1,
    });
  });
});
