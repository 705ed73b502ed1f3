import { closeSync, existsSync, fchownSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { geteuid } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StorageError } from "../../errors.ts";
import { isDamage } from "./errors.ts";
import { SCHEMA } from "./schema.ts";

/**
 * A commit must survive a power cut before its points are sent, or they would be built once more and differently: hence
 * synchronous=FULL, which in WAL mode is one fsync per commit. A long drain must not leave a huge -wal on a small disk: it
 * is cut back to 4 MiB.
 */
const SETTINGS = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 4194304;
`;

/**
 * Opens the database for reading and writing, creates what is missing (directory 0700, files 0600), and looks it over:
 * `thorough` compares the index with the records too. A damaged one is moved aside and a new one begun; `warn` hears the
 * new name. Throws errors of SQLite and of the file system. `:memory:` is a private one.
 */
export function openDatabase(
  path: string,
  deps: { now(): number; warn(message: string): void },
  thorough = false,
): DatabaseSync {
  if (path !== ":memory:") {
    createFile(path);
    const looked = statSync(path).ino;
    // Unless another process has been quicker: then the file with this name is its new one.
    if (!isSound(path, thorough) && statSync(path).ino === looked) {
      deps.warn(moveAside(path, deps.now()));
      createFile(path);
    }
  }
  return connect(path, (database) => {
    database.exec(SETTINGS);
    database.exec(SCHEMA);
  });
}

/**
 * Opens the database for reading and neither creates nor changes anything. Without a -wal file nobody uses it, and SQLite
 * is told that it is immutable: otherwise it would create the -wal and -shm files.
 */
export function openForReading(path: string): DatabaseSync {
  // Unlike existsSync it throws where the directory may not be looked into.
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    throw new StorageError(
      `There is no ${path}: no agent has run with this state directory yet. Type: sudo systemctl start chouette, or chouette run.`,
    );
  if (existsSync(`${path}-wal`)) return connect(path, () => {}, true);
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return connect(url, () => {}, true);
}

/** SQLite would create it 0644; its -wal and -shm files get the mode of this one and, by root, its owner. */
function createFile(path: string): void {
  const directory = dirname(path);
  makeDirectory(directory);
  try {
    const file = openSync(path, "ax", 0o600);
    if (geteuid?.() === 0) giveToOwnerOf(directory, file);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    closeSync(openSync(path, "a"));
  }
}

/** Not `recursive`: where the file system takes no directories, such as /proc, Node 20 would try for ever. */
function makeDirectory(path: string): void {
  if (!existsSync(path) && !existsSync(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Of the file system's words, EEXIST is the one for a file in its place, too.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** What root creates in the directory of an agent that is not root's has to be that agent's. */
function giveToOwnerOf(directory: string, file: number): void {
  const { uid, gid } = statSync(directory);
  try {
    fchownSync(file, uid, gid);
  } catch {
    // The root of a container may own less than everything.
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

/** A connection on which `prepare` has run; closed again when that throws. */
function connect(
  path: string | URL,
  prepare: (database: DatabaseSync) => void,
  readOnly = false,
): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly });
  try {
    // Another process holds the lock for one commit only, so 5 s of waiting for it are plenty.
    database.exec("PRAGMA busy_timeout = 5000");
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Journals go first, because they would be taken for those of the new database. */
function moveAside(path: string, now: number): string {
  const aside = `${path}.corrupt-${Math.floor(now)}`;
  for (const suffix of ["-journal", "-wal", "-shm", ""])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return `The database ${path} was damaged and is now called ${aside}; an empty one takes its place. What is left in it: sqlite3 ${aside} .recover`;
}
