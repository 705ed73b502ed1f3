import { type Stats, statSync } from "node:fs";
import { lastLines } from "./last-lines.ts";
import type { Joiner } from "./multi-line.ts";
import { NotAFile, type OpenFile, openFile, type SavedFile } from "./open-file.ts";
import { siblingsOf } from "./siblings.ts";
import type { RawLine } from "./split-lines.ts";

/** What was read of the files that a path has named, the oldest first. Plain data for a note. */
export type TailPosition = readonly SavedFile[];

export type TailOptions = {
  /** Makes the joiner of each file, where one log may have several lines. */
  joiner: (() => Joiner) | undefined;
  /** Where a file begins that is there already and was never read: so many lines before its end. Infinity: at its beginning. */
  lastLines: number;
};

/** What a look at the path gave. */
export type Tailed = {
  lines: RawLine[];
  /** Lines that were too long, and files that were gone before they were read. */
  cut: number;
  lost: number;
};

export type Tail = {
  /** Looks at the path and reads some of what is unread. `now`: monotonic seconds. */
  read(maxBytes: number, now: number): Tailed;
  /** Where a restart continues behind the lines that were returned. */
  position(): TailPosition;
  /** Bytes that wait in the files. */
  unread(): number;
  /** True when there is no file any more, and all that there was is read. */
  isOver(): boolean;
  /** Why the path cannot be read, as an error of the system or NotAFile. */
  problem(): unknown;
  close(): void;
};

/** Seconds without a write after which a file that was renamed or removed is let go: its writer may not know yet. */
const LINGER = 30;

/** Seconds after which the last lines of a log of several lines count as all of it. */
const PATIENCE = 2;

/** Files of one path at a time: a note has 4 kB. */
const MOST = 12;

type Followed = { file: OpenFile; quietSince: number };

/**
 * Follows what a path names, through rotation by rename and by copying, truncation, removal and a file that appears later; by
 * looking, not by inotify, which network and overlay file systems do not have. `saved` is the position that a restart found.
 */
export function tailPath(
  path: string,
  saved: TailPosition | undefined,
  { joiner, lastLines: last }: TailOptions,
): Tail {
  /** The oldest first; the last one is at the path, unless `detached`. */
  let followed: Followed[] = [];
  let detached = true;
  let problem: unknown;
  let lost = 0;
  let isNew = saved === undefined && Number.isFinite(last);

  const inUse = (file: OpenFile) => followed.some((it) => isSame(it.file.saved(), file.saved()));

  function add(file: OpenFile, now: number): void {
    followed.push({ file, quietSince: now });
  }

  function tryOpen(candidate: string): OpenFile | undefined {
    try {
      return openFile(candidate, joiner?.());
    } catch {
      return undefined;
    }
  }

  /** Opens what rotation made of the path since: files that continue what was saved, and those written after them. */
  function restore(position: TailPosition, now: number): void {
    const candidates = [...siblingsOf(path), path].flatMap((candidate) => {
      const file = tryOpen(candidate);
      return file === undefined ? [] : [{ file, isPath: candidate === path }];
    });
    const wanted = new Set<(typeof candidates)[number]>();
    for (const entry of position) {
      const found =
        candidates.find(({ file }) => isSame(file.saved(), entry) && file.continues(entry)) ??
        candidates.findLast(({ file, isPath }) => !isPath && entry.headBytes > 0 && file.continues(entry)) ??
        candidates.find(({ file, isPath }) => isPath && entry.headBytes > 0 && file.continues(entry));
      if (found === undefined) {
        if (entry.size > entry.offset) lost++;
        continue;
      }
      found.file.seek(entry);
      wanted.add(found);
    }
    // What was written after the oldest of them is a generation that came and went meanwhile.
    const oldest = candidates.findIndex((it) => wanted.has(it));
    for (const [i, it] of candidates.entries()) {
      const isLater = oldest !== -1 && i > oldest;
      if (wanted.has(it) || it.isPath || isLater) add(it.file, now);
      else it.file.close();
    }
    detached = !candidates.some(({ isPath }) => isPath);
  }

  /** After a truncation: what was not read yet may be in a copy, as logrotate's copytruncate makes it. */
  function readCopy(before: SavedFile, now: number): void {
    if (before.headBytes === 0) return;
    for (const sibling of siblingsOf(path).reverse()) {
      const file = tryOpen(sibling);
      if (file === undefined) continue;
      if (!inUse(file) && file.continues(before)) {
        file.seek(before);
        followed.splice(followed.length - 1, 0, { file, quietSince: now });
        return;
      }
      file.close();
    }
  }

  function look(now: number): void {
    const stat = statOf(path);
    if (stat instanceof Error) {
      problem = stat;
      detached = true;
      return;
    }
    const current = detached ? undefined : followed.at(-1);
    if (current !== undefined && isSame(current.file.saved(), stat)) return;
    if (followed.length >= MOST) return;
    try {
      const file = openFile(path, joiner?.());
      problem = undefined;
      const known = followed.findIndex((it) => isSame(it.file.saved(), file.saved()));
      if (known !== -1) {
        file.close();
        followed = [
          ...followed.slice(0, known),
          ...followed.slice(known + 1),
          ...followed.slice(known, known + 1),
        ];
      } else {
        if (isNew) file.seek(lastLines(path, last));
        add(file, now);
      }
      detached = false;
    } catch (error) {
      problem = error;
      detached = true;
    }
  }

  function noteWrites(now: number): void {
    for (const it of [...followed]) {
      const before = it.file.saved();
      const writtenAt = it.file.writtenAt();
      if (it.file.look()) {
        if (it === followed.at(-1)) readCopy(before, now);
        it.file.restart();
        it.quietSince = now;
      } else if (it.file.writtenAt() !== writtenAt) it.quietSince = now;
    }
  }

  /** A file that is no longer at the path, was read to its end and is quiet goes, with a last line that has no end. */
  function letGo(it: Followed, now: number): RawLine[] {
    const isOld = detached || it !== followed.at(-1);
    const quiet = now - it.quietSince;
    if (!isOld) return quiet >= PATIENCE ? it.file.flush(false) : [];
    if (quiet < LINGER && followed.length < MOST) return [];
    const rest = it.file.flush(true);
    it.file.close();
    followed = followed.filter((other) => other !== it);
    return rest;
  }

  let started = false;
  return {
    read(maxBytes, now) {
      if (!started && saved !== undefined) restore(saved, now);
      started = true;
      look(now);
      isNew = false;
      noteWrites(now);
      const taken = lost;
      lost = 0;
      for (const it of followed) {
        const { lines, cut } = it.file.read(maxBytes);
        if (lines.length > 0 || cut > 0) return { lines, cut, lost: taken };
        const last = letGo(it, now);
        if (last.length > 0) return { lines: last, cut: 0, lost: taken };
      }
      return { lines: [], cut: 0, lost: taken };
    },
    position: () => followed.map(({ file }) => file.saved()),
    unread: () => followed.reduce((sum, { file }) => sum + file.unread(), 0),
    isOver: () => started && detached && followed.length === 0,
    problem: () => problem,
    close: () => {
      for (const { file } of followed) file.close();
      followed = [];
    },
  };
}

function isSame(a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function statOf(path: string): Stats | Error {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : new NotAFile();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
