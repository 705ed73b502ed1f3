import { StorageError } from "../../errors.ts";
import type { Change, KeyedStorage, Lease, NewRecord, Storage } from "../storage.ts";
import { isBuilt } from "./standby-rules.ts";

/** What one commit made of raw metrics: their keys, and the points. */
type Closing = { raw: readonly string[]; points: readonly NewRecord[] };

type Deps = {
  /** This process: the machine is the last part of it. */
  owner: string;
  warn(message: string): void;
};

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const CLOSINGS = "chouette:closings";

/**
 * Bytes of closings that are remembered, the latest ones. A Redis that saves as it does by default saves 10,000 changes within a minute, 100
 * within five and one within an hour: some 50,000 raw metrics may come back.
 */
const MOST_BYTES = 4_000_000;

const ALL = { limit: 10_000, maxBytes: MOST_BYTES, maxBody: Number.POSITIVE_INFINITY } as const;

/**
 * Remembers in RAM what was built of the raw metrics in `main`, which may go back to an earlier state (a Redis with snapshots). Each such
 * commit has a number, that of the last one is a note in `main`: where it is lower than the one remembered, the later ones are undone there.
 */
export function createClosings(main: KeyedStorage, hot: Storage, { owner, warn }: Deps) {
  const note = `closed:${owner.slice(owner.lastIndexOf("/") + 1)}`;
  let last: number | undefined;
  let held: { number: number; bytes: number }[] = [];
  let bytes = 0;

  async function load(): Promise<number> {
    if (last !== undefined) return last;
    const records = await hot.peek(CLOSINGS, ALL);
    held = records.map(({ at, bytes: size }) => ({ number: at, bytes: size }));
    bytes = held.reduce((sum, one) => sum + one.bytes, 0);
    last = Math.max(0, Number((await main.note(note)) ?? 0), held.at(-1)?.number ?? 0);
    return last;
  }

  async function remember(number: number, { add = [], remove = [] }: Change): Promise<void> {
    last = number;
    const closing: Closing = {
      raw: remove.filter(({ queue }) => queue === RAW).flatMap(({ keys }) => keys),
      points: add.filter(({ queue }) => queue === WRAPPED).flatMap(({ records }) => records),
    };
    const body = JSON.stringify(closing);
    held.push({ number, bytes: body.length });
    bytes += body.length;
    const old: string[] = [];
    for (let first = held[0]; bytes > MOST_BYTES && first !== undefined; first = held[0]) {
      bytes -= first.bytes;
      old.push(keyOf(first.number));
      held.shift();
    }
    await hot.commit({
      remove: [{ queue: CLOSINGS, keys: old }],
      add: [{ queue: CLOSINGS, records: [{ key: keyOf(number), at: number, body }] }],
    });
  }

  /** Resolves to the number of commits that `main` had forgotten. */
  async function redo(): Promise<number> {
    const known = await load();
    const found = Number((await main.note(note)) ?? 0);
    if (found >= known) return 0;
    for (const { body = "{}", at } of await hot.peek(CLOSINGS, { ...ALL, from: found + 1 })) {
      const { raw, points } = JSON.parse(body) as Closing;
      await main.commit({
        remove: [{ queue: RAW, keys: raw }],
        add: [{ queue: WRAPPED, records: points }],
        notes: { [note]: `${at}` },
      });
    }
    await main.commit({ notes: { [note]: `${known}` } });
    warn(
      `Redis went back to an earlier state: ${known - found} commits of this agent were done again, so that nothing counts twice. It forgets nothing with: redis-cli CONFIG SET appendonly yes`,
    );
    return known - found;
  }

  return {
    /**
     * For the process that takes the lease on raw metrics: does again what `main` has forgotten, before anything is read there: raw metrics that came back go, and their points are there. A point
     * that was delivered is delivered again, and is the same.
     */
    async restore({ name }: Lease): Promise<void> {
      if (main.shared && name === RAW) await redo();
    },

    /** Runs a commit that turns raw metrics into points, with its number, and remembers it. */
    async commit(change: Change, run: (change: Change) => Promise<void>): Promise<void> {
      if (!main.shared || !isBuilt(change)) return run(change);
      if ((await redo()) > 0)
        throw new StorageError(
          "Redis went back to an earlier state while raw metrics were read; they are read again.",
        );
      const number = (await load()) + 1;
      await run({ ...change, notes: { ...change.notes, [note]: `${number}` } });
      await remember(number, change);
    },
  };
}

function keyOf(number: number): string {
  return `closing-${number}`;
}
