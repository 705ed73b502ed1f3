import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StorageError } from "../../../src/errors.ts";
import { BACKENDS } from "./backends.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "chouette-sqlite-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe.each(BACKENDS)("a place where nothing can be written: $name", ({ openSqlite, program }) => {
  const openAt = (path: string) =>
    openSqlite(path, { now: () => 0, ownerIsGone: () => false, warn: () => {} });

  /** Runs a program on a disk of its own, in a mount namespace of its own; gives what it prints. */
  async function onDisk(options: string, name: string): Promise<string> {
    const disk = join(dir, "disk");
    await mkdir(disk);
    const words = (await program(name)).join(" ");
    const script = `mount -t tmpfs -o ${options} tmpfs ${disk} && exec ${words} ${disk}/chouette.db`;
    const unshare = ["--user", "--map-root-user", "--mount", "sh", "-c", script];
    return (await promisify(execFile)("unshare", unshare)).stdout;
  }

  test.each([
    [
      "below a file",
      "file/chouette.db",
      "is not in a directory. Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette.",
    ],
    ["a directory", "directory", "is a directory. Choose another: CHOUETTE_STATE_DIR=/var/lib/chouette."],
  ])("%s", async (_, name, said) => {
    await writeFile(join(dir, "file"), "");
    await mkdir(join(dir, "directory"));
    const file = join(dir, name);
    expect(() => openAt(file)).toThrow(new StorageError(`The database ${file} ${said}`));
  });

  test.each(["/proc/chouette/chouette.db", "/proc/a/b/chouette.db"])(
    "a file system that creates nothing: %s",
    async (file) => {
      const said = `The database ${file} cannot be created. Choose another place: CHOUETTE_STATE_DIR=/var/lib/chouette.`;
      expect(() => openAt(file)).toThrow(new StorageError(said));
      const [command, ...words] = await program("open-database.ts");
      const { stdout } = await promisify(execFile)(command, [...words, file], { timeout: 10_000 });
      expect(stdout).toBe(`StorageError: ${said}\n`);
    },
  );

  test("directories that are missing are made, for their owner only", async () => {
    const file = join(dir, "a", "b", "chouette.db");
    await openAt(file).close();
    expect([file, join(dir, "a", "b"), join(dir, "a")].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o600, 0o700, 0o700,
    ]);
  });

  test("a read-only file system", async () => {
    const disk = join(dir, "disk");
    expect(await onDisk("ro", "open-database.ts")).toBe(
      `StorageError: The database ${disk}/chouette.db is on a read-only file system. Type: sudo mount -o remount,rw $(findmnt -nro TARGET -T ${disk}).\n`,
    );
  });

  test("a full disk refuses the commit, loses nothing, and all goes on when there is room", async () => {
    const disk = join(dir, "disk");
    expect(JSON.parse(await onDisk("size=6m", "fill-disk.ts"))).toEqual({
      said: `StorageError: The database ${disk}/chouette.db has no room: the disk is full. Make some: df -h ${disk}; sudo du -xh / | sort -h | tail.`,
      some: true,
      kept: true,
      left: 1,
    });
  });
});
