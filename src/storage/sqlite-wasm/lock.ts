import { randomInt } from "node:crypto";
import { lchownSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hrtime } from "node:process";
import { fateOf, processOwner } from "../../io/process-owner.ts";

/** An exclusive lock on a file, across processes and within this one. */
export type FileLock = {
  /** Waits for the lock; false when another holder keeps it for longer. Throws errors of the file system. */
  take(): boolean;
  /** Shows that the holder is alive; to be called again and again. False: the lock was taken by another process. */
  keep(): boolean;
  give(): void;
};

/** Milliseconds. */
const WAITING = { patience: 15_000, lifetime: 60_000, keepEvery: 5000, watch: 2000 };
const PAUSES = [1, 2, 5, 10, 20];
const LONGEST_PAUSE = 20;

/** The name of the token while the lock is free, and the prefix of the name of a waiter. */
const FREE = "free";
const WAITS = "waits,";

/** Makes names unique, whatever processes know about themselves. */
let turns = randomInt(2 ** 40);
/** Locks that this process holds, for which it must not wait. */
const held = new Set<string>();
const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Creates the lock of the file at `path`, for a runtime without kernel locks: a directory `<path>-lock` with a token in it, a file
 * that is never created or removed, only renamed, between `free` and the name of its holder. When several processes rename the
 * same name exactly one succeeds, so that the lock of a killed process, or of an earlier boot, changes hands safely. A holder in
 * another container, which cannot be checked, counts as gone after `lifetime` without `keep`.
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
    // A waiter polls every few milliseconds, and would never find a lock free that its holder takes back at once.
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
    const fate = fateOf(ownerOf(holder), true);
    if (holder === FREE || fate === "gone") return true;
    if (fate === "alive") return false;
    return !isNear(ownerOf(holder), owner) && now() - since >= watch && ageOf(holder, sign) >= lifetime;
  }

  /** Judges by the times of the file system and, because those may jump, by our own clock as well. */
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

  /** Returns the waiters; removes the files of killed ones. */
  function waiting(): string[] {
    return entries().filter((entry) => {
      if (!entry.startsWith(WAITS)) return false;
      const gone = fateOf(ownerOf(entry.slice(WAITS.length)), true) === "gone";
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

  /** Moves a complete directory into place, which fails while another one with a token is there. */
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
 * Gives what root creates beside a database to the owner of the database, as SQLite does. Does not follow symbolic links, which
 * that owner may have put there meanwhile.
 */
export function giveTo(file: string, uid: number, gid: number): void {
  try {
    lchownSync(file, uid, gid);
  } catch {
    // Users other than root cannot, and need not; root in a container may lack the right to chown.
  }
}

/** Returns a new name for an owner, in characters of every file system: `17,812%2F120345%2Fpid%3A%5B4026531836%5D%2F5c7f…-…%2Fpi4`. */
function newName(owner: string): string {
  turns++;
  return `${turns},${encodeURIComponent(owner)}`;
}

/** Returns the owner in a name; "" when the name is not one of ours. */
function ownerOf(name: string): string {
  try {
    return decodeURIComponent(name.slice(name.indexOf(",") + 1));
  } catch {
    return "";
  }
}

/** True for an owner in the same pid namespace and boot, about which `fateOf` is certain. */
function isNear(other: string, owner: string): boolean {
  const [theirs, ours] = [other, owner].map((each) => each.split("/").slice(2, 4));
  return ours?.every((part, i) => part !== "" && part === theirs?.[i]) === true;
}

/** Returns undefined when the action fails with one of these codes. */
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
