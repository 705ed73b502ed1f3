import { type Stats, statSync } from "node:fs";
import { createGenerations, isSame } from "./generations.ts";
import { lastLines } from "./last-lines.ts";
import type { Joiner } from "./multi-line.ts";
import { NotAFile, type OpenFile, openFile, type SavedFile } from "./open-file.ts";
import type { RawLine } from "./split-lines.ts";

/** What was read of the files that a path has named, the oldest first. Plain data for a note. */
export type TailPosition = readonly SavedFile[];

export type TailOptions = {
  /** Makes the joiner of the path's files, where one log may have several lines. */
  joiner: (() => Joiner) | undefined;
  /** Where a file begins that is there already and was never read: so many lines before its end. Infinity: at its beginning. */
  lastLines: number;
  /** Unix milliseconds: what rotation put aside since then is read too, when the path was never read. */
  since?: number;
};

/** What a look at the path gave. */
export type Tailed = {
  lines: RawLine[];
  /** Lines that were too long; files that were gone, or truncated, before they were read. */
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

type Followed = { file: OpenFile; number: number; quietSince: number };

/**
 * Follows what a path names, through rotation by rename and by copying, truncation, removal and a file that appears later; by
 * looking, not by inotify, which network and overlay file systems do not have. `saved` is the position that a restart found.
 */
export function tailPath(
  path: string,
  saved: TailPosition | undefined,
  { joiner: createJoiner, lastLines: last, since }: TailOptions,
): Tail {
  /** The oldest first; the last one is at the path, unless `detached`. */
  let followed: Followed[] = [];
  let detached = true;
  /** The file that was let go last when nothing is followed: a restart must not read it again. */
  let finished: SavedFile | undefined;
  let problem: unknown;
  let lost = 0;
  let isNew = saved === undefined && Number.isFinite(last);
  let started = false;

  const joiner = createJoiner?.();
  const generations = createGenerations(path, (candidate) => {
    try {
      return openFile(candidate);
    } catch {
      return undefined;
    }
  });

  let files = 0;
  const follow = (file: OpenFile, now: number): Followed => ({ file, number: files++, quietSince: now });
  const opened = () => followed.map(({ file }) => file);
  const join = (lines: RawLine[], { number }: Followed) => joiner?.take(lines, number) ?? lines;

  /** What was read of a file, without the logs of several lines that are open: a restart begins them again. */
  function savedOf({ file, number }: Followed): SavedFile {
    const open = joiner?.openAt(number);
    return { ...file.saved(), ...(open !== undefined && { offset: open, skipping: false }) };
  }

  function start(now: number): void {
    const found = generations.restore(saved ?? [], since);
    if (saved === undefined) {
      found.atPath?.close();
      followed = found.files.map((file) => follow(file, now));
    } else {
      lost += found.lost;
      const all = found.atPath === undefined ? found.files : [...found.files, found.atPath];
      followed = all.map((file) => follow(file, now));
      detached = found.atPath === undefined;
      const newest = saved.at(-1);
      if (newest !== undefined) finished = { ...newest, offset: newest.size };
    }
    started = true;
  }

  function look(now: number): void {
    const stat = statOf(path);
    if (stat instanceof Error) {
      problem = stat;
      detached = true;
      followed.push(...generations.since(opened()).later.map((file) => follow(file, now)));
      return;
    }
    const current = detached ? undefined : followed.at(-1);
    if (current !== undefined && isSame(current.file.saved(), stat)) return;
    if (followed.length >= MOST) return;
    try {
      attach(openFile(path), now);
      problem = undefined;
      detached = false;
    } catch (error) {
      problem = error;
      detached = true;
    }
  }

  /** Follows what is at the path now, behind what came and went there since the last look. */
  function attach(file: OpenFile, now: number): void {
    const known = followed.find((it) => isSame(it.file.saved(), file.saved()));
    if (known !== undefined) {
      file.close();
      followed = [...followed.filter((it) => it !== known), known];
      return;
    }
    if (isNew) file.seek(lastLines(path, last));
    const between = isNew ? [] : generations.since([...opened(), file]).later;
    followed.push(...[...between, file].map((it) => follow(it, now)));
  }

  /** Looks at what is followed. Returns what was read of a log of several lines whose file was truncated. */
  function noteWrites(now: number): RawLine[] {
    const ended: RawLine[] = [];
    for (const it of [...followed]) {
      const before = it.file.saved();
      if (!it.file.look()) {
        if (it.file.writtenAt() !== before.writtenAt) it.quietSince = now;
        continue;
      }
      const { earlier, later, copy } = generations.since(opened(), before);
      // The copy has what was read, under its number; what the file is now is another one.
      const earlierOnes = earlier.map((file) => follow(file, now));
      for (const other of earlierOnes) if (other.file === copy) other.number = it.number;
      const around = [...earlierOnes, it, ...later.map((file) => follow(file, now))];
      followed.splice(followed.indexOf(it), 1, ...around);
      it.file.restart();
      it.quietSince = now;
      // An empty file was written for the first time.
      if (before.size === 0) continue;
      it.number = files++;
      if (copy === undefined) ended.push(...(joiner?.flush() ?? []));
      if (copy === undefined && before.size > before.offset) lost++;
    }
    return ended;
  }

  /** A file that is no longer at the path, was read to its end and is quiet goes, with a last line that has no end. */
  function letGo(it: Followed, now: number): RawLine[] {
    const isOld = detached || it !== followed.at(-1);
    if (!isOld || (now - it.quietSince < LINGER && followed.length < MOST)) return [];
    const rest = join(it.file.rest(), it);
    if (joiner?.openAt(it.number) !== undefined) rest.push(...joiner.flush());
    finished = it.file.saved();
    generations.finished(finished);
    it.file.close();
    followed = followed.filter((other) => other !== it);
    return rest;
  }

  /** The logs of several lines that are open count as whole when nothing was written for a while. */
  function patience(now: number): RawLine[] {
    return followed.every(({ quietSince }) => now - quietSince >= PATIENCE) ? (joiner?.flush() ?? []) : [];
  }

  return {
    read(maxBytes, now) {
      if (!started) start(now);
      // A truncation first: what was renamed afterwards is then known to be its copy.
      const ended = noteWrites(now);
      look(now);
      isNew = false;
      const taken = lost;
      lost = 0;
      if (ended.length > 0) return { lines: ended, cut: 0, lost: taken };
      for (const it of followed) {
        const { lines, cut } = it.file.read(maxBytes);
        const logs = join(lines, it);
        const hasMore = lines.length > 0 && it.file.unread() > 0;
        if (logs.length > 0 || cut > 0 || hasMore) return { lines: logs, cut, lost: taken };
        // Nothing may be read now: what waits stays open.
        if (maxBytes <= 0) continue;
        const last = letGo(it, now);
        if (last.length > 0) return { lines: last, cut: 0, lost: taken };
      }
      return { lines: maxBytes > 0 ? patience(now) : [], cut: 0, lost: taken };
    },
    position: () => (followed.length > 0 || finished === undefined ? followed.map(savedOf) : [finished]),
    unread: () => followed.reduce((sum, { file }) => sum + file.unread(), 0),
    isOver: () => started && detached && followed.length === 0,
    problem: () => problem,
    close: () => {
      for (const { file } of followed) file.close();
      followed = [];
    },
  };
}

function statOf(path: string): Stats | Error {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : new NotAFile();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
