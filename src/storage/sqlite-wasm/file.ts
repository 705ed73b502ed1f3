import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { giveTo } from "./lock.ts";

/** An open file. Its functions throw errors of the file system. */
export type OpenFile = {
  fd: number;
  /** How many bytes were there to be read. */
  read(into: Uint8Array, offset: number): number;
  write(bytes: Uint8Array, offset: number): void;
  truncate(size: number): void;
  size(): number;
  sync(): void;
  close(): void;
};

/** Linux' flags of open(2); the last one also refuses a symbolic link, which may lead anywhere. */
const [READ_WRITE, CREATE, EXCLUSIVE] = [0o2, 0o100, 0o200];
/** The smallest page, and so the smallest piece of a database that is written. */
const SECTOR = 512;

/** A file for reading and writing; one that has to be created has the mode and the owner of the database `like`. */
export function openFile(path: string, create: boolean, like: string): OpenFile {
  const isNew = create && !existsSync(path);
  const { mode, uid, gid } = statSync(isNew ? like : path);
  const fd = openSync(path, isNew ? READ_WRITE | CREATE | EXCLUSIVE : READ_WRITE, mode & 0o666);
  if (isNew) giveTo(path, uid, gid);
  let nameIsSafe = !isNew;
  return {
    ...readable(fd),
    write: (bytes, offset) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    },
    truncate: (size) => ftruncateSync(fd, size),
    // Not fsync: that the times of the file are right after a power cut is not worth the writing.
    sync: () => {
      fdatasyncSync(fd);
      if (!nameIsSafe) syncDirectory(path);
      nameIsSafe = true;
    },
  };
}

/**
 * A file that stays what it is, and is empty where there is none. What is written to it, whole sectors, is seen by the reads
 * of this opening, until `forget`.
 */
export function openShadow(path: string): OpenFile & { forget(): void } {
  const real = readable(openSync(existsSync(path) ? path : "/dev/null", "r"));
  const sectors = new Map<number, Uint8Array>();
  let size: number | undefined;
  /** Bytes of the file that have not been cut off. */
  let left = Number.POSITIVE_INFINITY;
  return {
    ...real,
    size: () => size ?? real.size(),
    read: (into, offset) => {
      if (size === undefined) return real.read(into, offset);
      const wanted = into.subarray(0, Math.max(0, Math.min(into.length, size - offset)));
      wanted.fill(0, real.read(wanted.subarray(0, Math.max(0, left - offset)), offset));
      for (let at = offset - (offset % SECTOR); at < offset + wanted.length; at += SECTOR) {
        const sector = sectors.get(at)?.subarray(Math.max(0, offset - at), offset + wanted.length - at);
        if (sector !== undefined) wanted.set(sector, Math.max(0, at - offset));
      }
      return wanted.length;
    },
    write: (bytes, offset) => {
      size = Math.max(size ?? real.size(), offset + bytes.length);
      const copy = new Uint8Array(bytes);
      for (let at = 0; at + SECTOR <= copy.length; at += SECTOR)
        sectors.set(offset + at, copy.subarray(at, at + SECTOR));
    },
    truncate: (to) => {
      size = to;
      left = Math.min(left, to);
      for (const at of sectors.keys()) if (at >= to) sectors.delete(at);
    },
    sync: () => {},
    forget: () => {
      sectors.clear();
      size = undefined;
      left = Number.POSITIVE_INFINITY;
    },
  };
}

/** So that the names in it are safe from a power cut. */
export function syncDirectory(path: string): void {
  const fd = openSync(dirname(path), "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readable(fd: number): Pick<OpenFile, "fd" | "read" | "size" | "close"> {
  return {
    fd,
    read: (into, offset) => {
      let done = 0;
      for (let count = -1; count !== 0 && done < into.length; done += count)
        count = readSync(fd, into, done, into.length - done, offset + done);
      return done;
    },
    size: () => fstatSync(fd).size,
    close: () => closeSync(fd),
  };
}
