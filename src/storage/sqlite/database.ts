import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StorageError } from "../../errors.ts";
import { droppedNotes } from "../check-change.ts";
import { checkStateDirectory, makeDirectory } from "../state-directory.ts";
import { cannotOpen, isDamage, lacksTable } from "./errors.ts";
import { repairWal } from "./repair-wal.ts";
import { type Salvage, salvage } from "./salvage.ts";
import { SCHEMA } from "./schema.ts";
import { ADD_TO_NOTE } from "./statements.ts";
import { hasTable, takeOver } from "./take-over.ts";

/**
 * A commit must survive a power cut before its points are sent, or they would be built again with other values: hence
 * synchronous=FULL, which in WAL mode is one fsync per commit. A long drain must not leave a huge -wal on a small disk: it
 * is truncated to 4 MiB. A new database has small pages: [measured] the commits of a day offline write 64 MB with pages of 2 kB,
 * 77 MB with 4 kB; with 1 kB captures no longer fit a page beside others.
 */
const SETTINGS = `
PRAGMA page_size = 2048;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 4194304;
`;

/** In RAM nothing survives a power cut anyway, a killed process loses nothing, and the -wal file takes memory: 400 kB of it. */
const IN_RAM = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA wal_autocheckpoint = 100;
PRAGMA journal_size_limit = 0;
`;

/** What the medium below a database is like. */
export type Medium = "card" | "ram";

/**
 * Opens the database for reading and writing, creates what is missing (directory 0700, files 0600), and checks it:
 * `thorough` also compares the index with the records. Renames a damaged one, and begins another with what can be read of it;
 * `warn` gets the numbers. Throws errors of SQLite and of the file system. `:memory:` is a private database.
 */
export function openDatabase(
  path: string,
  deps: { now(): number; warn(message: string): void },
  medium: Medium,
  thorough = false,
): DatabaseSync {
  if (path !== ":memory:") {
    // Again afterwards: another user may have made the directory in that moment.
    checkStateDirectory(path);
    makeDirectory(dirname(path));
    checkStateDirectory(path);
    createFile(path);
    const checked = statSync(path).ino;
    const pages = repairWal(path);
    // Another process may have been quicker: then the file at this path is already its new one.
    if (!isSound(path, thorough) && statSync(path).ino === checked) return replaceDamaged(path, deps, medium);
    if (pages > 0)
      deps.warn(
        `${path}-wal was damaged: ${pages} pages of it are lost, and what they changed is as it was before.`,
      );
  }
  return begin(path, medium);
}

function begin(path: string, medium: Medium): DatabaseSync {
  return connect(path, (database) => {
    database.exec(medium === "ram" ? IN_RAM : SETTINGS);
    database.exec(SCHEMA);
    takeOver(database, medium === "card");
  });
}

/** Renames a damaged database, and begins a new one with what can be read of it. Keeps the damaged file for a look, but only the last. */
function replaceDamaged(
  path: string,
  deps: { now(): number; warn(message: string): void },
  medium: Medium,
): DatabaseSync {
  const aside = moveAside(path, deps.now());
  createFile(path);
  const database = begin(path, medium);
  const { saved, lost } = salvageFile(aside, database);
  for (const [name, number] of droppedNotes({ dropped: { damaged: lost } }))
    database.prepare(ADD_TO_NOTE).run(name, `${number}`);
  deps.warn(
    `The database ${path} was damaged and was renamed to ${aside}; ${saved} of its records are kept, ${lost === 0 ? "and no others are known" : `at least ${lost} are lost`}.`,
  );
  return database;
}

function salvageFile(path: string, into: DatabaseSync): Salvage {
  try {
    restoreLength(path);
    const from = connect(path, () => {});
    try {
      return salvage(from, into);
    } finally {
      from.close();
      // Of the WebAssembly build, made by opening it.
      rmSync(`${path}-lock`, { recursive: true, force: true });
    }
  } catch (error) {
    // Not a database any more, or one without its tables.
    if (!isDamage(error) && !lacksTable(error)) throw error;
    return { saved: 0, lost: 0 };
  }
}

/**
 * Opens the database for reading and neither creates nor changes anything. Without a -wal file no process uses it, and it is
 * opened as immutable: otherwise SQLite would create the -wal and -shm files.
 */
export function openForReading(path: string): DatabaseSync {
  checkStateDirectory(path);
  // Unlike existsSync this throws when the directory is not readable.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    throw new StorageError(
      `No database at ${path}: no agent has run with this state directory yet. Type: sudo systemctl start chouette, or chouette run.`,
    );
  const check = (database: DatabaseSync) => {
    if (hasTable(database, "stored")) return;
    throw new StorageError(
      `The database ${path} was written by an older version; the agent of this one converts it when it starts. Type: sudo systemctl start chouette, or chouette run.`,
    );
  };
  if (existsSync(`${path}-wal`)) return connect(path, check, true);
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return connect(url, check, true);
}

/**
 * Gives a truncated database the length that its header names, without which SQLite reads no page of it. Page size and number of
 * pages: https://sqlite.org/fileformat2.html#the_database_header
 */
function restoreLength(path: string): void {
  const header = new DataView(new ArrayBuffer(100));
  const file = openSync(path, "r");
  readSync(file, header);
  closeSync(file);
  const pageSize = header.getUint16(16) === 1 ? 65_536 : header.getUint16(16);
  const length = pageSize * header.getUint32(28);
  if (length > statSync(path).size && length < MOST_BYTES) truncateSync(path, length);
}

/** A header that names more is not that of a queue. */
const MOST_BYTES = 4_000_000_000;

/** Creates the file, which SQLite would do with mode 0644; its -wal and -shm files get the mode of this one. */
function createFile(path: string): void {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    closeSync(openSync(path, O_RDWR | O_CREAT | O_EXCL, 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    closeSync(openSync(path, O_RDWR | O_NOFOLLOW));
  }
}

function isSound(path: string, thorough: boolean): boolean {
  let sound = false;
  try {
    connect(path, (database) => {
      const result = database.prepare(`PRAGMA ${thorough ? "integrity" : "quick"}_check(1)`).get();
      sound = Object.values(result ?? {})[0] === "ok";
    }).close();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return sound;
}

/** Opens a connection and runs `prepare` on it; closes it when that throws. */
function connect(
  path: string | URL,
  prepare: (database: DatabaseSync) => void,
  readOnly = false,
): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly });
  try {
    // Another process holds the lock for a single commit, so 5 s are plenty.
    database.exec("PRAGMA busy_timeout = 5000");
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    // On a disk without free inodes this throws ENOSPC: a failing medium, not a wrong path.
    if (typeof path === "string" && !readOnly && cannotOpen(error))
      for (const suffix of ["-wal", "-shm"]) createFile(path + suffix);
    throw error;
  }
}

/** Renames the damaged files, journals first, because SQLite would apply them to the new database; removes those of earlier times. */
function moveAside(path: string, now: number): string {
  const aside = `${path}.corrupt-${Math.floor(now)}`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(`${basename(path)}.corrupt-`)) rmSync(join(dirname(path), name));
  for (const suffix of ["-journal", "-wal", "-shm", ""])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}
