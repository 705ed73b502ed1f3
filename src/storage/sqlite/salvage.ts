import type { DatabaseSync } from "node:sqlite";
import { ALL_QUEUES } from "../storage.ts";
import { isDamage } from "./errors.ts";
import { queueNumber } from "./schema.ts";
import { COLUMNS } from "./statements.ts";
import { readBody } from "./stored-body.ts";

/** What of a damaged database was copied, and how many records are known to be lost. */
export type Salvage = { saved: number; lost: number };

type Row = {
  queue: number;
  at: number;
  key: string;
  weight: number;
  bytes: number;
  sum: number;
  body: string | Uint8Array;
};

/** A place in the order of the table. */
type Place = { at: number; key: string };

/** Stamps or notes that are copied at most: there are some thousands, and broken pages may lead in a circle. */
const MOST_ROWS = 100_000;

/** Times that a range around a broken page is halved: seconds of 136 years become less than the time of one record. */
const HALVINGS = 40;

/** Ranges of one queue that are tried at most: where the root of the table is broken, each half of each range fails. */
const TRIES = 2000;

/**
 * Copies what can be read of a damaged database into an empty one: records from both ends of each queue to the first broken page,
 * and what lies between broken pages by halving the range; then stamps and notes. A record whose checksum is wrong is lost, as is
 * one that only the index still names.
 */
export function salvage(from: DatabaseSync, into: DatabaseSync): Salvage {
  const add = into.prepare(`INSERT OR IGNORE INTO stored (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const seen = new Map<number, Set<string>>();
  let [saved, rotten] = [0, 0];
  into.exec("BEGIN");
  for (const queue of queuesOf(from)) {
    const keys = new Set<string>();
    seen.set(queue, keys);
    for (const { at, key, weight, bytes, sum, body } of readQueue(from, queue)) {
      if (keys.has(key)) continue;
      keys.add(key);
      // Of a broken row any column may have another type.
      if (typeof key !== "string" || typeof weight !== "number" || readBody({ sum, body }) === undefined)
        rotten++;
      else saved += Number(add.run(queue, at, key, weight, bytes, sum, body).changes);
    }
  }
  copyAll(from, into, "stamp", ["second"]);
  copyAll(from, into, "note", ["name", "text"]);
  into.exec("COMMIT");
  return { saved, lost: rotten + onlyIndexed(from, seen) };
}

/** The numbers of queues, asked one by one: a list of them would need every page. */
function queuesOf(database: DatabaseSync): number[] {
  return ALL_QUEUES.map(queueNumber).filter(
    (queue) =>
      readable(() => database.prepare("SELECT 1 FROM stored WHERE queue = ? LIMIT 1").get(queue)) !==
      undefined,
  );
}

function* readQueue(database: DatabaseSync, queue: number): Generator<Row> {
  const all = `SELECT ${COLUMNS} FROM stored WHERE queue = ?`;
  const forward = database.prepare(`${all} AND at >= ? AND at <= ? ORDER BY at, key`);
  const backward = database.prepare(`${all} AND at >= ? AND at <= ? ORDER BY at DESC, key DESC`);

  let tries = 0;

  /**
   * Yields the rows of the range up to the first broken page; returns the last place, or undefined when there was none. A page
   * that leads back to an earlier one is broken, too.
   */
  function* until(
    rows: () => Iterable<unknown>,
    direction: 1 | -1,
  ): Generator<Row, { end: Place | undefined; isWhole: boolean }> {
    let end: Place | undefined;
    try {
      for (const row of rows()) {
        const { at, key } = row as Row;
        const isBack =
          end !== undefined && ((at - end.at) * direction < 0 || (end.at === at && end.key === key));
        if (isBack) return { end, isWhole: false };
        end = { at, key };
        yield row as Row;
      }
      return { end, isWhole: true };
    } catch (error) {
      if (!isDamage(error)) throw error;
      return { end, isWhole: false };
    }
  }

  function* range(low: number, high: number, halvings: number): Generator<Row> {
    const first = yield* until(() => forward.iterate(queue, low, high), 1);
    if (first.isWhole) return;
    const last = yield* until(() => backward.iterate(queue, low, high), -1);
    const [from, to] = [first.end?.at ?? low, last.end?.at ?? high];
    const middle = (from + to) / 2;
    if (last.isWhole || halvings === 0 || ++tries > TRIES || middle <= from || middle >= to) return;
    yield* range(from, middle, halvings - 1);
    yield* range(middle, to, halvings - 1);
  }

  yield* range(0, 2 ** 32, HALVINGS);
}

function copyAll(from: DatabaseSync, into: DatabaseSync, table: string, columns: readonly string[]): void {
  const add = into.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  readable(() => {
    const rows = from.prepare(`SELECT ${columns.join(", ")} FROM ${table} LIMIT ${MOST_ROWS}`);
    for (const row of rows.iterate())
      add.run(...columns.map((column) => (row as Record<string, string | number>)[column] ?? null));
  });
}

/** Records that the index of keys names and the table no longer gives. */
function onlyIndexed(database: DatabaseSync, seen: ReadonlyMap<number, ReadonlySet<string>>): number {
  let missing = 0;
  let before = "";
  readable(() => {
    const keys = database.prepare("SELECT queue, key FROM stored INDEXED BY stored_key ORDER BY queue, key");
    for (const row of keys.iterate()) {
      const { queue, key } = row as { queue: number; key: string };
      const place = `${String(queue).padStart(10, "0")} ${key}`;
      // A page that leads back to an earlier one would never end.
      if (place <= before) return;
      before = place;
      if (seen.get(queue)?.has(key) !== true) missing++;
    }
  });
  return missing;
}

/** Undefined where a broken page is in the way. */
function readable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
