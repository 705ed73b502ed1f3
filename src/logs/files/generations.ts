import type { OpenFile, SavedFile } from "./open-file.ts";
import { siblingsOf } from "./siblings.ts";

/** Finds what rotation made of a path since the last look, which only its directory shows. Files are returned oldest first. */
export type Generations = {
  /** Opens the files that continue what was saved, those written after them (without any, after `since`), and the one at the path. `lost` counts what is gone. */
  restore(
    saved: readonly SavedFile[],
    since?: number,
  ): { files: OpenFile[]; atPath: OpenFile | undefined; lost: number };
  /**
   * Opens the files that came and went at the path since the last call. `gone` is what was being read of a file when it was
   * truncated: `copy` continues it, as logrotate's copytruncate makes it, and is the first of those `earlier` than what the file is now.
   */
  since(
    followed: readonly OpenFile[],
    gone?: SavedFile,
  ): { earlier: OpenFile[]; later: OpenFile[]; copy: OpenFile | undefined };
  /** Hears of a file that was read to its end. */
  finished(file: SavedFile): void;
};

type Candidate = { file: OpenFile; isRotated: boolean };

/** Tries to list the directory while a rotation renames its files. */
const TRIES = 3;

/** Creates the finder for one path; `open` opens a file and is undefined for one that cannot be read. */
export function createGenerations(path: string, open: (path: string) => OpenFile | undefined): Generations {
  /** Files that were beside the path at the last call, or were read to their ends since. */
  let known: SavedFile[] = [];

  function candidates(): Candidate[] {
    let found: Candidate[] = [];
    for (let i = 0; i < TRIES; i++) {
      const list = siblingsOf(path);
      found = list.flatMap(({ path: sibling, isRotated }) => {
        const file = open(sibling);
        return file === undefined ? [] : [{ file, isRotated }];
      });
      const opened = found.map(({ file }) => file.saved().ino).join();
      const isQuiet = opened === inodes(list) && opened === inodes(siblingsOf(path));
      if (isQuiet || i === TRIES - 1) break;
      keep(found, []);
    }
    known = found.map(({ file }) => file.saved());
    return found;
  }

  return {
    restore(position, since = Number.POSITIVE_INFINITY) {
      const current = open(path);
      const atPath = current === undefined ? [] : [{ file: current, isRotated: false }];
      const all = candidates();
      const siblings = all.filter(
        ({ file }) => current === undefined || !isSame(file.saved(), current.saved()),
      );
      const wanted = new Set<OpenFile>();
      let lost = 0;
      for (const entry of position) {
        const file = findSaved(siblings, atPath, entry);
        file?.seek(entry);
        if (file !== undefined) wanted.add(file);
        else if (entry.size > entry.offset) lost++;
      }
      const last = position.at(-1)?.writtenAt ?? since;
      const isLater = ({ file, isRotated }: Candidate) =>
        isRotated && file.writtenAt() > last && !isCopy(file, [...wanted]);
      const kept = siblings.filter((it) => wanted.has(it.file) || isLater(it));
      keep(all, kept);
      return { files: kept.map(({ file }) => file), atPath: current, lost };
    },
    since(followed, gone) {
      const before = known;
      const all = candidates();
      const others = all.filter(({ file }) => !followed.some((it) => isSame(it.saved(), file.saved())));
      const unseen = others.filter(
        ({ file }) => !before.some((it) => isSame(it, file.saved()) && file.continues({ ...it, offset: 0 })),
      );
      const continues = ({ file }: Candidate) =>
        gone !== undefined && gone.headBytes > 0 && file.continues(gone);
      const copy = unseen.find(continues) ?? others.findLast(continues);
      if (gone !== undefined) copy?.file.seek(gone);
      const read = [...followed, ...(copy === undefined ? [] : [copy.file])];
      const came = unseen.filter((it) => it !== copy && it.isRotated && !isCopy(it.file, read));
      keep(all, copy === undefined ? came : [copy, ...came]);
      // What was truncated is still at the path, or was renamed afterwards and has its place among the others.
      const renamed = gone === undefined ? -1 : all.findIndex(({ file }) => isSame(file.saved(), gone));
      const isLater = (it: Candidate) => gone === undefined || (renamed !== -1 && all.indexOf(it) > renamed);
      const earlier = came.filter((it) => !isLater(it));
      return {
        copy: copy?.file,
        earlier: (copy === undefined ? earlier : [copy, ...earlier]).map(({ file }) => file),
        later: came.filter(isLater).map(({ file }) => file),
      };
    },
    finished(file) {
      known.push(file);
    },
  };
}

const inodes = (list: readonly { ino: number }[]) => list.map(({ ino }) => ino).join();

/** The file that was saved: the same, else a copy of it, else what is at the path when that begins as it did. */
function findSaved(
  siblings: readonly Candidate[],
  atPath: readonly Candidate[],
  saved: SavedFile,
): OpenFile | undefined {
  const continues = ({ file }: Candidate) => saved.headBytes > 0 && file.continues(saved);
  const found =
    [...siblings, ...atPath].find(({ file }) => isSame(file.saved(), saved) && file.continues(saved)) ??
    siblings.findLast(continues) ??
    atPath.find(continues);
  return found?.file;
}

const isCopy = (file: OpenFile, others: readonly OpenFile[]) =>
  others.some((other) => other !== file && file.isCopyOf(other));

/** Closes the candidates that are not kept. */
function keep(all: readonly Candidate[], kept: readonly Candidate[]): void {
  for (const it of all) if (!kept.includes(it)) it.file.close();
}

/** True for two looks at one file. */
export function isSame(a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
