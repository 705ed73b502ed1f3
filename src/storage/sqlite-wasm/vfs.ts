import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { existsSync, fstatSync, statSync, unlinkSync } from "node:fs";
import type { FileFunctions } from "./engine.ts";
import { type OpenFile, openFile, openShadow, syncDirectory } from "./file.ts";
import { createFileLock, type FileLock } from "./lock.ts";

/** Prefix of the path of a read-only database: what SQLite must recover before it can read stays in memory. */
export const READ_ONLY = "read-only:";

/** Result codes: https://sqlite.org/rescode.html. */
const [OK, BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN] = [0, 5, 8, 10, 11, 13, 14] as const;
const IOERR_SHORT_READ = 522;

/** SQLite's result codes by the code of a file system error. */
const CODES: Readonly<Record<string, number>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: READONLY,
  EPERM: READONLY,
  EROFS: READONLY,
};

/** https://sqlite.org/c3ref/c_open_autoproxy.html */
const OPEN = { create: 0x4, database: 0x100 };

/** An open database or journal. */
type Entry = OpenFile & {
  path: string;
  /** Set for a read-only file. */
  forget?: () => void;
  /** Set for a database. */
  lock: FileLock | undefined;
  locked: boolean;
};

/**
 * Implements the files of SQLite on node:fs. A database has one lock for reading and writing: what SQLite calls SHARED is
 * exclusive here. A journal that is found therefore belongs to no running process, and is rolled back.
 */
export function createFiles(memory: () => Buffer): FileFunctions {
  const open = new Map<number, Entry>();
  /** Journals that SQLite removed from read-only databases. */
  const removed = new Set<string>();

  const textAt = (pointer: number) => {
    const heap = memory();
    return heap.toString("utf8", pointer, heap.indexOf(0, pointer));
  };
  const bytesAt = (pointer: number, length: number) => memory().subarray(pointer, pointer + length);
  const write32 = (pointer: number, value: number) => memory().writeInt32LE(value, pointer);
  /** Runs an action on the file whose descriptor is in struct NodeJsFile { sqlite3_file base; int fd; … }. */
  const on =
    <A extends unknown[]>(action: (file: Entry, ...args: A) => number) =>
    (pointer: number, ...args: A) =>
      inResultCodes(() => {
        const file = open.get(memory().readInt32LE(pointer + 4));
        return file === undefined ? IOERR : action(file, ...args);
      });

  function unlock(file: Entry): void {
    file.forget?.();
    if (file.forget !== undefined) removed.clear();
    if (file.locked) file.lock?.give();
    file.locked = false;
  }

  return {
    nodejs_max_path_length: () => 4096,

    nodejs_open: (name: number, flags: number) => {
      try {
        const file = openEntry(textAt(name), flags);
        open.set(file.fd, file);
        return file.fd;
      } catch {
        return -1;
      }
    },

    nodejsClose: on((file) => {
      unlock(file);
      open.delete(file.fd);
      file.close();
      return OK;
    }),

    nodejsLock: on((file) => {
      if (file.locked || file.lock === undefined) return OK;
      if (!file.lock.take()) return BUSY;
      file.locked = true;
      // Another process has renamed it, and it would get the journals of its successor.
      if (isAtItsPlace(file)) return OK;
      unlock(file);
      return CORRUPT;
    }),

    nodejsUnlock: on((file, level: number) => {
      if (level === 0) unlock(file);
      return OK;
    }),

    nodejsCheckReservedLock: (_: number, result: number) => {
      write32(result, 0);
      return OK;
    },

    nodejsRead: on((file, into: number, length: number, offset: bigint) => {
      if (!isKept(file)) return IOERR;
      const bytes = bytesAt(into, length);
      const count = file.read(bytes, Number(offset));
      bytes.fill(0, count);
      return count === length ? OK : IOERR_SHORT_READ;
    }),

    nodejsWrite: on((file, from: number, length: number, offset: bigint) => {
      if (!isKept(file)) return IOERR;
      file.write(bytesAt(from, length), Number(offset));
      return OK;
    }),

    nodejsTruncate: on((file, size: bigint) => {
      file.truncate(Number(size));
      return OK;
    }),

    nodejsSync: on((file) => {
      file.sync();
      return OK;
    }),

    nodejsFileSize: on((file, result: number) => {
      memory().writeBigInt64LE(BigInt(file.size()), result);
      return OK;
    }),

    nodejsAccess: (_: number, name: number, __: number, result: number) => {
      const path = textAt(name);
      write32(result, !removed.has(path) && existsSync(withoutMark(path)) ? 1 : 0);
      return OK;
    },

    nodejsDelete: (_: number, name: number, syncNames: number) =>
      inResultCodes(() => {
        const path = textAt(name);
        if (path.startsWith(READ_ONLY)) {
          removed.add(path);
          return OK;
        }
        if (existsSync(path)) unlinkSync(path);
        if (syncNames !== 0) syncDirectory(path);
        return OK;
      }),

    /** Returns the path unchanged: the adapter passes absolute paths. */
    nodejsFullPathname: (_: number, name: number, size: number, full: number) => {
      const length = Buffer.byteLength(textAt(name)) + 1;
      if (length > size) return CANTOPEN;
      memory().copyWithin(full, name, name + length);
      return OK;
    },

    nodejsRandomness: (_: number, length: number, into: number) => {
      randomFillSync(bytesAt(into, length));
      return length;
    },
  };
}

function openEntry(name: string, flags: number): Entry {
  const path = withoutMark(name);
  const file =
    path === name
      ? openFile(path, (flags & OPEN.create) !== 0, path.replace(/-(journal|wal)$/, ""))
      : openShadow(path);
  // A read-only database creates no lock: without a lock directory no process ever wrote to it.
  const isLocked = (flags & OPEN.database) !== 0 && (path === name || existsSync(`${path}-lock`));
  return { ...file, path, lock: isLocked ? createFileLock(path) : undefined, locked: false };
}

function withoutMark(name: string): string {
  return name.startsWith(READ_ONLY) ? name.slice(READ_ONLY.length) : name;
}

function isAtItsPlace({ path, fd }: Entry): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

function isKept({ locked, lock }: Entry): boolean {
  return !locked || lock === undefined || lock.keep();
}

function inResultCodes(action: () => number): number {
  try {
    return action();
  } catch (error) {
    return CODES[(error as NodeJS.ErrnoException).code ?? ""] ?? IOERR;
  }
}
