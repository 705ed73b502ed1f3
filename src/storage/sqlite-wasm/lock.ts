import { randomInt } from "node:crypto";
import { lchownSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hrtime } from "node:process";
import { ownerIsGone, processOwner } from "../../io/process-owner.ts";

/** The right to use a file, for one holder at a time, of this process or another one. */
export type FileLock = {
  /** Waits for it; false when somebody keeps it for longer than that. Throws errors of the file system. */
  take(): boolean;
  /** Said again and again while it is held: its holder is alive. False: it has been taken away. */
  keep(): boolean;
  give(): void;
};

/** Milliseconds. */
const WAITING = { patience: 15_000, lifetime: 60_000, keepEvery: 5000, watch: 2000 };
const PAUSES = [1, 2, 5, 10, 20];
const LONGEST_PAUSE = 20;

/** Name of the token while nobody holds it, and how the name of one who waits begins. */
const FREE = "free";
const WAITS = "waits,";

/** So that no name comes twice, whatever processes know of themselves. */
let turns = randomInt(2 ** 40);
/** What this process holds: to wait for itself would be in vain. */
const held = new Set<string>();
const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * The lock of the file at `path` where the runtime has no locks of the kernel: a directory `<path>-lock` with a token in it,
 * a file that is never made or removed, only renamed, between `free` and the name of its holder. Of several who rename from
 * one name exactly one succeeds, so that the lock of a process which was killed, or of an earlier boot, is safely taken over.
 * A holder in another container, of which nobody can tell whether it lives, is gone after `lifetime` without `keep`.
 */
export function createFileLock(path: string, options: Partial<typeof WAITING> = {}): FileLock {
  const { patience, lifetime, keepEvery, watch } = { ...WAITING, ...options };
  const directory = `${path}-lock`;
  const owner = processOwner();
  let mine = "";
  let kept = 0;
  let someoneWaits = false;

  function take(): boolean {
    const name = newName(owner);
    // One who waits looks every few milliseconds, and would never meet a lock that is taken back at once.
    if (someoneWaits) pause(LONGEST_PAUSE + 5);
    return (rename(FREE, name) || wait(name)) && hold(name);
  }

  function wait(name: string): boolean {
    const begin = now();
    const sign = join(directory, WAITS + name);
    let seen = { holder: "", at: begin };
    try {
      for (let round = 0; ; round++) {
        const holder = token();
        if (holder !== seen.holder) seen = { holder, at: now() };
        if (holder === "" ? create(name) : mayTake(holder, seen.at, sign) && rename(holder, name))
          return true;
        if (held.has(holder) || now() - begin >= patience) return false;
        if (round === 0) touch(sign);
        pause(PAUSES[round] ?? LONGEST_PAUSE);
      }
    } finally {
      rmSync(sign, { force: true });
    }
  }

  function mayTake(holder: string, since: number, sign: string): boolean {
    if (holder === FREE || ownerIsGone(ownerOf(holder), true)) return true;
    return !isNear(ownerOf(holder), owner) && now() - since >= watch && ageOf(holder, sign) >= lifetime;
  }

  /** By the times of the file system, which may have jumped: hence the watch as well. */
  function ageOf(holder: string, sign: string): number {
    touch(sign);
    const taken = statSync(join(directory, holder), { throwIfNoEntry: false });
    return taken === undefined ? 0 : statSync(sign).ctimeMs - taken.ctimeMs;
  }

  function hold(name: string): true {
    held.delete(mine);
    held.add(name);
    mine = name;
    kept = now();
    return true;
  }

  function keep(): boolean {
    if (now() - kept < keepEvery) return true;
    const name = newName(owner);
    return rename(mine, name) && hold(name);
  }

  function give(): void {
    held.delete(mine);
    rename(mine, FREE);
    someoneWaits = waiting().length > 0;
  }

  function token(): string {
    return entries().find((entry) => !entry.startsWith(WAITS)) ?? "";
  }

  /** Who waits; signs of those who were killed are removed. */
  function waiting(): string[] {
    return entries().filter((entry) => {
      if (!entry.startsWith(WAITS)) return false;
      const gone = ownerIsGone(ownerOf(entry.slice(WAITS.length)), true);
      if (gone) rmSync(join(directory, entry), { force: true });
      return !gone;
    });
  }

  function entries(): string[] {
    return unless(["ENOENT"], () => readdirSync(directory)) ?? [];
  }

  function rename(from: string, to: string): boolean {
    return unless(["ENOENT"], () => renameSync(join(directory, from), join(directory, to)) ?? true) ?? false;
  }

  function touch(sign: string): void {
    writeFileSync(sign, "", { mode: 0o600 });
  }

  /** A directory that is complete is moved to its place, which fails while another one with a token is there. */
  function create(name: string): boolean {
    const { mode, uid, gid } = statSync(path);
    const fresh = `${directory}.${name}`;
    mkdirSync(fresh, { mode: (mode & 0o666) | ((mode & 0o444) >> 2) });
    writeFileSync(join(fresh, name), "", { mode: mode & 0o666 });
    for (const file of [fresh, join(fresh, name)]) giveTo(file, uid, gid);
    const created = unless(["ENOTEMPTY", "EEXIST"], () => renameSync(fresh, directory) ?? true) ?? false;
    if (!created) rmSync(fresh, { recursive: true });
    return created;
  }

  return { take, keep, give };
}

/**
 * As SQLite does: what root creates beside a database belongs to the owner of the database. Not what a symbolic link leads to,
 * which that owner may have put there meanwhile.
 */
export function giveTo(file: string, uid: number, gid: number): void {
  try {
    lchownSync(file, uid, gid);
  } catch {
    // Others than root may not, and need not; the root of a container may own less than everything.
  }
}

/** With characters that every file system takes: `17,812%2F120345%2Fpid%3A%5B4026531836%5D%2F5c7f…-…%2Fpi4`. */
function newName(owner: string): string {
  turns++;
  return `${turns},${encodeURIComponent(owner)}`;
}

/** "" where it is no name of ours. */
function ownerOf(name: string): string {
  try {
    return decodeURIComponent(name.slice(name.indexOf(",") + 1));
  } catch {
    return "";
  }
}

/** In the same pid namespace and boot: `ownerIsGone` knows for certain. */
function isNear(other: string, owner: string): boolean {
  const [theirs, ours] = [other, owner].map((each) => each.split("/").slice(2, 4));
  return ours?.every((part, i) => part !== "" && part === theirs?.[i]) === true;
}

/** Undefined where the file system says one of these. */
function unless<T>(codes: readonly string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return undefined;
  }
}

function now(): number {
  return Number(hrtime.bigint() / 1_000_000n);
}

function pause(ms: number): void {
  Atomics.wait(nothing, 0, 0, ms);
}
