import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StorageError } from "../../errors.ts";
import { checkStateDirectory } from "../state-directory.ts";
import { isDamage } from "./errors.ts";
import { SCHEMA } from "./schema.ts";
import { hasTable, takeOver } from "./take-over.ts";

/**
 * A commit must survive a power cut before its points are sent, or they would be built again with other values: hence
 * synchronous=FULL, which in WAL mode is one fsync per commit. A long drain must not leave a huge -wal on a small disk: it
 * is truncated to 4 MiB.
 */
const SETTINGS = `
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
 * `thorough` also compares the index with the records. Renames a damaged one, tells `warn` the new name, and begins an empty
 * one. Throws errors of SQLite and of the file system. `:memory:` is a private database.
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
    // Another process may have been quicker: then the file at this path is already its new one.
    if (!isSound(path, thorough) && statSync(path).ino === checked) {
      deps.warn(moveAside(path, deps.now()));
      createFile(path);
    }
  }
  return connect(path, (database) => {
    database.exec(medium === "ram" ? IN_RAM : SETTINGS);
    database.exec(SCHEMA);
    takeOver(database, medium === "card");
  });
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

/** Makes missing directories. Not `recursive`: on a file system without mkdir, such as /proc, Node 20 would try forever. */
function makeDirectory(path: string): void {
  if (!existsSync(path) && !existsSync(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // EEXIST also means that a file is in its place.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
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
    throw error;
  }
}

/** Renames the damaged files, journals first, because SQLite would apply them to the new database. */
function moveAside(path: string, now: number): string {
  const aside = `${path}.corrupt-${Math.floor(now)}`;
  for (const suffix of ["-journal", "-wal", "-shm", ""])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return `The database ${path} was damaged and was renamed to ${aside}; an empty one replaces it. To recover its records: sqlite3 ${aside} .recover`;
}
