import type { Change, Dropped, NewRecord, QueueName, Storage, StoredRecord } from "../storage.ts";
import type { Access, CardHealth } from "./card-health.ts";

export type RedoDeps = {
  /** Unix seconds. */
  now(): number;
  /** This process. */
  owner: string;
  fateOf(owner: string): "alive" | "gone" | "unknown";
  newKey(): string;
  /** What a change that removes shows of the card: "trim", nothing, where a Redis without memory still takes it; "write" by default. */
  removal?: Access;
};

type Deps = RedoDeps & {
  health: CardHealth;
};

/** What is still to be done on the other level: a change of the card, or the removal from RAM of what was moved to the card. */
type Entry = { owner: string } & ({ card: Change } | Move);

/** What is on the card as well; `dropped` are the counts that were moved with the records. */
type Move = { moved: NonNullable<Change["remove"]>; dropped?: Dropped | undefined };

/** Records of a queue that move to the card. */
export type MovedRecords = { queue: QueueName; records: readonly StoredRecord[] };

export type RedoLog = ReturnType<typeof createRedoLog>;

const LOG = "chouette:spool";

/** A note on the card, written together with moved records: the entry of that move. */
const MOVED = "moved";

const ALL = {
  limit: 100_000,
  maxBytes: Number.POSITIVE_INFINITY,
  maxBody: Number.POSITIVE_INFINITY,
} as const;

/** Seconds between two looks at the log. */
const LOOK = 1;

/** Seconds between two tries of a card that fails: one with I/O errors takes seconds for each. */
const RETRY = 30;

/**
 * One step over two databases. An entry in RAM says what is left to do, and is removed once it is done; a process that finds the
 * entry of one that was killed does the rest. A power cut takes RAM and its entries: the card is then as before the step or
 * after it.
 */
export function createRedoLog(hot: Storage, card: Storage, deps: Deps) {
  let notBefore = Number.NEGATIVE_INFINITY;
  /** Steps of this process of which a part is left, or may be. */
  let unfinished = true;
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** In the order in which they were written, which is the order in which they are applied. */
  async function entries(): Promise<{ id: string; at: number; entry: Entry }[]> {
    if ((await hot.size(LOG)).count === 0) return [];
    const records = await hot.peek(LOG, ALL);
    return records.map(({ key, at, body = "{}" }) => ({ id: key, at, entry: JSON.parse(body) as Entry }));
  }

  function add(id: string, entry: Entry, at = 0): NonNullable<Change["add"]>[number] {
    return { queue: LOG, records: [{ key: id, at, body: JSON.stringify(entry) }] };
  }

  const done = (id: string) => ({ queue: LOG, keys: [id] }) as const;

  async function applyOnCard(id: string, change: Change): Promise<boolean> {
    const { removal = "write" } = deps;
    const access = (change.remove ?? []).length > 0 ? removal : "write";
    const applied = await deps.health.attempt(access, () => card.commit(change).then(() => true));
    if (applied !== true) return false;
    await hot.commit({ remove: [done(id)] });
    return true;
  }

  /** Whether the records of a move that was cut short are on the card, says the note that was written with them. */
  async function finishMove(id: string, move: Move, ask: CardHealth["attempt"]): Promise<boolean> {
    const note = await ask("read", async () => (await card.note(MOVED)) ?? "");
    if (note === undefined) return false;
    await hot.commit(note === id ? moved(id, move) : { remove: [done(id)] });
    return true;
  }

  /** Takes from RAM what a move has brought to the card. */
  function moved(id: string, { moved: gone, dropped = {} }: Move): Change {
    const counted = Object.entries(dropped).map(([reason, number]) => [reason, -number]);
    return { remove: [...gone, done(id)], dropped: Object.fromEntries(counted) };
  }

  /**
   * Does what is left of steps that this process or one that is gone did not end; `atOnce`: even if the card has just failed, and rejects
   * where it does not tell how a move ended, since another move would cover its traces.
   */
  async function settle(atOnce = false): Promise<void> {
    if (!atOnce && deps.now() < notBefore) return;
    lookedAt = deps.now();
    unfinished = false;
    for (const { id, entry } of await entries()) {
      if (entry.owner !== deps.owner && deps.fateOf(entry.owner) !== "gone") continue;
      unfinished = true;
      const ask = atOnce ? deps.health.run : deps.health.attempt;
      const finished = "card" in entry ? applyOnCard(id, entry.card) : finishMove(id, entry, ask);
      if (await finished) continue;
      notBefore = deps.now() + RETRY;
      return;
    }
  }

  return {
    settle,

    /** The same; but looks for steps of other processes at most once a second, so that a commit of an application costs little. */
    async settleSoon(): Promise<void> {
      if (unfinished || Math.abs(deps.now() - lookedAt) >= LOOK) await settle();
    },

    /**
     * Applies a change of RAM and one of the card as one step. Where the card fails, its part waits, and so do those after it: an
     * earlier one may remove what a later one adds.
     */
    async commit(change: Change, onCard: Change): Promise<void> {
      unfinished = true;
      const id = deps.newKey();
      const entry: Entry = { owner: deps.owner, card: onCard };
      const last = (await entries()).at(-1);
      await hot.commit({ ...change, add: [...(change.add ?? []), add(id, entry, (last?.at ?? 0) + 1)] });
      if (last !== undefined) return settle();
      if (!(await applyOnCard(id, onCard))) notBefore = deps.now() + RETRY;
    },

    /** Moves records and counts from RAM to the card, and writes stamps and notes there with them. Rejects where the card fails: nothing moves then. */
    async move(
      parts: readonly MovedRecords[],
      { stamps = [], notes = {}, dropped }: Pick<Change, "stamps" | "notes" | "dropped">,
    ): Promise<void> {
      unfinished = true;
      const id = deps.newKey();
      const gone = parts.map(({ queue, records }) => ({ queue, keys: records.map(({ key }) => key) }));
      const move: Move = { moved: gone, dropped };
      await hot.commit({ add: [add(id, { owner: deps.owner, ...move })] });
      try {
        const copies = parts.map(({ queue, records }) => ({ queue, records: records.map(copyOf) }));
        const change = { add: copies, stamps, notes: { ...notes, [MOVED]: id } };
        await deps.health.run("write", () => card.commit({ ...change, ...(dropped && { dropped }) }));
      } catch (error) {
        // A Redis whose answer was lost may have done it. Records that came twice are the same ones; of counts, the note tells.
        const counted = Object.keys(dropped ?? {}).length > 0;
        const rest = add(id, { owner: deps.owner, moved: [], dropped });
        await hot.commit(counted ? { add: [rest] } : { remove: [done(id)] });
        throw error;
      }
      await hot.commit(moved(id, move));
    },

    /** Counts of dropped records that are on both levels, in the middle of their move. */
    async countedTwice(): Promise<Dropped> {
      for (const { id, entry } of await entries()) {
        const { dropped } = "moved" in entry ? entry : {};
        if (dropped && (await deps.health.attempt("read", () => card.note(MOVED))) === id) return dropped;
      }
      return {};
    },

    /** Keys of a queue that are on the card, and removed already. */
    async hidden(queue: QueueName): Promise<Set<string>> {
      const removed = (await entries()).flatMap(({ entry }) =>
        "card" in entry ? (entry.card.remove ?? []) : [],
      );
      return new Set(removed.filter((each) => each.queue === queue).flatMap(({ keys }) => keys));
    },
  };
}

function copyOf({ key, at, body = "", weight = 1 }: StoredRecord): NewRecord {
  return { key, at, body, weight };
}
