import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { MAX_LINE, type RawLine, type SplitState, splitLines, textOf } from "./split-lines.ts";

/** A file's identity and what was read of it, as it is kept in a note. ext4 reuses an inode at once, hence the hash. */
export type SavedFile = SplitState & {
  dev: number;
  ino: number;
  /** Hash of the first `headBytes` bytes, 256 at most. */
  head: string;
  headBytes: number;
  /** Bytes that it had when it was last looked at, and Unix milliseconds of the last write before that. */
  size: number;
  writtenAt: number;
};

/** A file that is read through its descriptor: a rename or a removal does not end that. */
export type OpenFile = {
  /** Returns what is needed to continue behind the lines that were read. */
  saved(): SavedFile;
  /** True when this is the file that was saved, or a copy of it, which has the same beginning. */
  continues(saved: SavedFile): boolean;
  /** True when one of the two files is a copy of the other's beginning, as far as their first and last common bytes tell. */
  isCopyOf(other: OpenFile): boolean;
  /** Returns the hash of some bytes. */
  hashOf(start: number, length: number): string;
  seek(place: SplitState): void;
  /** Looks whether the file was written. True when what was read of it is gone: it was cut, or written again from its beginning. */
  look(): boolean;
  /** Reads some of what is unread. `cut` counts lines that were too long. */
  read(maxBytes: number): { lines: RawLine[]; cut: number };
  /** Reads the unfinished line at the end, when nothing follows it. */
  rest(): RawLine[];
  /** Continues at the beginning of what the file is now. */
  restart(): void;
  unread(): number;
  /** Unix milliseconds of the last write that was seen. */
  writtenAt(): number;
  close(): void;
};

/** The path names a directory, a FIFO, a socket or a device. */
export class NotAFile extends Error {
  override readonly name = "NotAFile";
}

const HEAD = 256;

/** Bytes that are read more than a line may have, to find its end. */
const MORE = 64 * 1024;

/** Opens a regular file, without waiting for a writer as a FIFO would have it. Throws NotAFile, and what open(2) throws. */
export function openFile(path: string): OpenFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  let stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new NotAFile();
  }
  let at: SplitState = { offset: 0, skipping: false };
  let head = headOf(fd, HEAD);

  return {
    saved() {
      const { dev, ino, size, mtimeMs } = stat;
      return { dev, ino, size, writtenAt: mtimeMs, ...head, ...at };
    },
    continues(saved) {
      if (stat.size < saved.offset) return false;
      if (saved.headBytes === 0) return stat.dev === saved.dev && stat.ino === saved.ino;
      return headOf(fd, saved.headBytes).head === saved.head;
    },
    isCopyOf(other) {
      const common = Math.min(stat.size, other.saved().size);
      const isEqual = (start: number) => this.hashOf(start, HEAD) === other.hashOf(start, HEAD);
      if (common >= HEAD) return isEqual(0) && isEqual(common - HEAD);
      return common > 0 && this.hashOf(0, common) === other.hashOf(0, common);
    },
    hashOf: (start, length) => hashOf(bytesAt(fd, start, length)),
    seek({ offset, skipping }) {
      at = { offset, skipping };
    },
    look() {
      const before = stat;
      stat = fstatSync(fd);
      if (stat.mtimeMs === before.mtimeMs && stat.size === before.size) return false;
      // What was empty may have been written and copied away meanwhile.
      if (before.size === 0) return true;
      if (stat.size < at.offset || headOf(fd, head.headBytes).head !== head.head) return true;
      if (head.headBytes < HEAD) head = headOf(fd, HEAD);
      return false;
    },
    read(maxBytes) {
      const unread = stat.size - at.offset;
      if (unread <= 0 || maxBytes <= 0) return { lines: [], cut: 0 };
      let result = splitLines(bytesAt(fd, at.offset, Math.min(unread, maxBytes)), at);
      if (result.state.offset === at.offset && unread > maxBytes)
        result = splitLines(bytesAt(fd, at.offset, MAX_LINE + MORE), at);
      at = result.state;
      return { lines: result.lines, cut: result.cut };
    },
    rest() {
      const rest = at.skipping ? Buffer.alloc(0) : bytesAt(fd, at.offset, MAX_LINE);
      if (rest.length === 0) return [];
      const line = { text: textOf(rest), start: at.offset, end: at.offset + rest.length };
      at = { offset: line.end, skipping: false };
      return [line];
    },
    restart() {
      at = { offset: 0, skipping: false };
      head = headOf(fd, HEAD);
    },
    unread: () => Math.max(0, stat.size - at.offset),
    writtenAt: () => stat.mtimeMs,
    close: () => closeSync(fd),
  };
}

/** Every file is read into the same memory: what is read becomes text before the next read. */
let shared = Buffer.alloc(0);

function bytesAt(fd: number, offset: number, length: number): Buffer {
  if (shared.length < length) shared = Buffer.allocUnsafeSlow(length);
  const buffer = shared;
  return buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
}

function headOf(fd: number, bytes: number): Pick<SavedFile, "head" | "headBytes"> {
  const first = bytesAt(fd, 0, bytes);
  return { head: hashOf(first), headBytes: first.length };
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
