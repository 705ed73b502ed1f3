import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { giveTo } from "./lock.ts";

/** An open file. Its functions throw errors of the file system. */
export type OpenFile = {
  fd: number;
  /** Returns how many bytes were read. */
  read(into: Uint8Array, offset: number): number;
  write(bytes: Uint8Array, offset: number): void;
  truncate(size: number): void;
  size(): number;
  sync(): void;
  close(): void;
};

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
/** Bytes of the smallest page, which is the smallest piece of a database that is written. */
const SECTOR = 512;

/**
 * Opens a file for reading and writing; a new one gets the mode and the owner of the database `like`. A symbolic link in its
 * place, which may lead anywhere, is refused: ELOOP, or EEXIST where a new file is wanted.
 */
export function openFile(path: string, create: boolean, like: string): OpenFile {
  const isNew = create && !existsSync(path);
  const { mode, uid, gid } = lstatSync(isNew ? like : path);
  const fd = openSync(path, O_RDWR | (isNew ? O_CREAT | O_EXCL : O_NOFOLLOW), mode & 0o666);
  if (isNew) giveTo(path, uid, gid);
  let nameIsSafe = !isNew;
  return {
    ...readable(fd),
    write: (bytes, offset) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    },
    truncate: (size) => ftruncateSync(fd, size),
    // Not fsync: correct file times after a power cut are not worth the extra write.
    sync: () => {
      fdatasyncSync(fd);
      if (!nameIsSafe) syncDirectory(path);
      nameIsSafe = true;
    },
  };
}

/**
 * Opens a file that is never changed; a missing one is empty. Whole sectors written to it are kept in memory, where reads
 * through this handle see them until `forget`.
 */
export function openShadow(path: string): OpenFile & { forget(): void } {
  const real = readable(openSync(existsSync(path) ? path : "/dev/null", O_RDONLY | O_NOFOLLOW));
  const sectors = new Map<number, Uint8Array>();
  let size: number | undefined;
  /** Bytes of the file that were not truncated. */
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

/** Syncs a directory, so that the names in it survive a power cut. */
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
