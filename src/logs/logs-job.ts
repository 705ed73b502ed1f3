import type { Clock } from "../schedule/clock.ts";
import type { Job } from "../schedule/lane.ts";
import { oneAtATime } from "../schedule/one-at-a-time.ts";
import { type Change, type DataQueue, LOG_NOTES, type NewRecord, type Storage } from "../storage/storage.ts";
import { createBackPressure } from "./back-pressure.ts";
import { vanishedNotes } from "./forget-vanished.ts";
import { type Budget, NO_BUDGET } from "./shape/budget.ts";
import { createShape, NEW_STATE } from "./shape/shape.ts";
import { createSourceMetrics, type Measure } from "./source-metrics.ts";
import type { Source, Stream } from "./stream.ts";
import { parseState, type StreamState } from "./stream-state.ts";
import type { Mask } from "./text/mask.ts";

export type LogsDeps = {
  sources: readonly Source[];
  storage: Pick<Storage, "commit" | "note" | "notes" | "room" | "size">;
  clock: Clock;
  newKey: () => string;
  mask: Mask;
  /** Bytes of logs that one day may queue. */
  bytesPerDay: number;
  /** Seconds between two looks at the sources. */
  every: number;
  /** Seconds without a delivery after which files and the journal no longer wait for one. */
  patience: number;
  /** What distinguishes the notes of this device where several share a storage; mostly empty. */
  notesOf: string;
  /** Counts lines and bytes of a source as Chouette's own metrics; undefined when they are not sent. */
  measure: Measure;
  /** Hears what the owner should know, e.g. that a level begins to be left out; `about` may come again soon. */
  news(about: string, message: string): void;
  /** Hears after each look why a source cannot be read; undefined: it can. */
  problem(what: string, reason: string | undefined, remedy: string | undefined): void;
};

export type LogsJob = Job & {
  /** Moves what waits and has room into the queue now; false when there is nothing. */
  refill(): Promise<boolean>;
  /** Stores what the sockets still hold, and closes every source. */
  close(): Promise<void>;
};

const QUEUE: DataQueue = "chouette:logs:wrapped";

/** Bytes that are taken from one stream at a time, and records of one commit. */
const BYTES = 256 * 1024;
const RECORDS = 2000;

/** Seconds after which a run ends although there is more: the next begins at once. */
const LONGEST = 10;

/** Seconds after which a note is written in which only the bytes that wait are new, when an entry was seen, and when what vanished is forgotten. */
const NOTE_SECONDS = 10;
const SEEN_SECONDS = 60;
const FORGET_SECONDS = 86_400;

/**
 * Moves the lines of all sources into the queue of logs. A commit has records together with the positions behind them, so that
 * a restart neither loses nor repeats a line. A commit that fails is tried again before anything more is read.
 */
export function createLogsJob(deps: LogsDeps): LogsJob {
  const { storage, clock } = deps;
  const shapes = deps.sources.map(({ options }) => createShape({ ...deps, options }));
  const states = new Map<string, StreamState>();
  /** Texts of the notes as they are stored, and when. */
  const stored = new Map<string, { text: string; at: number }>();
  const metrics = createSourceMetrics(deps.measure, clock);
  /** Not in the first hour: disks may be mounted late. */
  let forgotAt = clock.monotonic() - FORGET_SECONDS + 3600;
  let present: ReadonlySet<string> = new Set();
  let budget: Budget | undefined;
  let pending: Change | undefined;
  const pressure = createBackPressure(storage, QUEUE, clock, deps.patience);

  const noteName = (name: string) => `${LOG_NOTES}${deps.notesOf}${name}`;

  async function find(name: string): Promise<unknown> {
    const state = parseState(await storage.note(noteName(name)));
    if (state !== undefined) states.set(name, state);
    return state?.position;
  }

  /** Takes what there is; undefined when there is nothing to store. */
  async function take(): Promise<Change | undefined> {
    budget ??=
      (parseState(await storage.note(noteName("budget")))?.position as Budget | undefined) ?? NO_BUDGET;
    const before = budget;
    await pressure.look();
    const streams: (readonly Stream[])[] = [];
    for (const source of deps.sources) streams.push(await source.streams(find, clock.monotonic()));
    const names = [...streams.flat(), ...deps.sources.map(({ name }) => ({ name: `entry:${name}` }))];
    present = new Set(names.map(({ name }) => noteName(name)));
    // Nothing waits or fails from here on: what was read is in the change.
    const records: NewRecord[] = [];
    const notes: Record<string, string> = {};
    for (const [i, source] of deps.sources.entries()) {
      for (const stream of streams[i] ?? []) {
        const mayTake = records.length < RECORDS && !pressure.isFull(stream.canWait);
        const taken = takeStream(stream, i, mayTake ? BYTES : 0);
        records.push(...taken.records);
        if (taken.note !== undefined) notes[noteName(stream.name)] = taken.note;
      }
      const entry = noteName(`entry:${source.name}`);
      const last = stored.get(entry);
      const isOld = last !== undefined && clock.monotonic() - last.at >= SEEN_SECONDS;
      if (last === undefined || (isOld && Object.keys(notes).length > 0)) {
        const now = Math.floor(clock.now());
        notes[entry] = JSON.stringify({ ...SEEN, position: now, readAt: now });
        stored.set(entry, { text: "", at: clock.monotonic() });
      }
    }
    if (budget !== before && Number.isFinite(deps.bytesPerDay))
      notes[noteName("budget")] = JSON.stringify({ position: budget, shape: NEW_STATE, waiting: 0 });
    if (records.length === 0 && Object.keys(notes).length === 0) return undefined;
    const own = metrics.take();
    return {
      add: [{ queue: QUEUE, records }, ...(own.length === 0 ? [] : [{ queue: RAW, records: own }])],
      notes,
    };
  }

  function takeStream(
    stream: Stream,
    source: number,
    maxBytes: number,
  ): { records: NewRecord[]; note?: string } {
    const state = states.get(stream.name) ?? { position: undefined, shape: NEW_STATE, waiting: 0 };
    const now = clock.now();
    const batch = stream.read(maxBytes, clock.monotonic(), now);
    const { counts } = state.shape;
    const shape = {
      ...state.shape,
      counts: { ...counts, cut: counts.cut + batch.cut, lost: counts.lost + batch.lost },
    };
    const shaped = shapes[source]?.(shape, budget ?? NO_BUDGET, batch.lines, stream.tags, now);
    if (shaped === undefined) return { records: [] };
    budget = shaped.budget;
    for (const message of shaped.news)
      deps.news(message, `LOGS_MAX_BYTES_PER_DAY: ${message} until midnight (UTC)`);
    if (batch.lost > 0) deps.news(stream.name, `logs of ${stream.name}: ${stream.lossOf(batch.lost)}`);
    const next = { position: batch.position, shape: shaped.state, waiting: batch.waiting };
    states.set(stream.name, next);
    metrics.add(stream.name, shaped.records.length, shaped.state.counts.bytes - counts.bytes);
    const records = shaped.records.map(({ at, body }) => ({ key: deps.newKey(), at, body }));
    const note = changedNote(stream.name, next, batch.lines.length > 0 || records.length > 0);
    return note === undefined ? { records } : { records, note };
  }

  /** The note of a stream, when it must be written. */
  function changedNote(name: string, state: StreamState, hasLines: boolean): string | undefined {
    const text = JSON.stringify(state);
    const last = stored.get(name);
    const isDue = hasLines || last === undefined || clock.monotonic() - last.at >= NOTE_SECONDS;
    if (!isDue || last?.text === text) return undefined;
    stored.set(name, { text, at: clock.monotonic() });
    return JSON.stringify({ ...state, readAt: Math.floor(clock.now()) } satisfies StreamState);
  }

  /** Stores what was taken. Keeps it for the next run where the storage fails. */
  async function store(): Promise<void> {
    if (pending === undefined) return;
    await storage.commit(pending);
    const records = pending.add?.[0]?.records ?? [];
    pressure.stored(
      records.length,
      records.reduce((sum, { body }) => sum + body.length, 0),
    );
    pending = undefined;
  }

  /** Once a day: positions of what vanished would become many, as containers come and go. */
  async function forget(): Promise<void> {
    if (clock.monotonic() - forgotAt < FORGET_SECONDS) return;
    forgotAt = clock.monotonic();
    const notes = await vanishedNotes(storage, noteName(""), present, clock.now());
    if (Object.keys(notes).length === 0) return;
    await storage.commit({ notes });
    for (const name of states.keys()) if (noteName(name) in notes) states.delete(name);
    for (const name of Object.keys(notes)) stored.delete(name);
  }

  /** Takes and stores what there is and has room. Returns the number of records. */
  async function move(isStopped: () => boolean): Promise<number> {
    let moved = 0;
    await store();
    const end = clock.monotonic() + LONGEST;
    do {
      pending = await take();
      const records = pending?.add?.[0]?.records.length ?? 0;
      await store();
      moved += records;
      if (records === 0) break;
    } while (!isStopped() && clock.monotonic() < end);
    return moved;
  }

  const inTurn = oneAtATime();
  return {
    name: "logs",
    every: deps.every,
    run: inTurn(async (_at, signal) => {
      await move(() => signal.aborted);
      await forget();
      reportProblems(deps);
    }),
    // What fails is tried again by the next run, which reports it.
    refill: inTurn(() =>
      move(() => false).then(
        (records) => records > 0,
        () => false,
      ),
    ),
    close: inTurn(async () => {
      try {
        await store();
        pending = await take();
        await store();
      } finally {
        for (const source of deps.sources) await source.close();
      }
    }),
  };
}

const RAW: DataQueue = "chouette:metrics:raw";

/** The note of an entry that was read before: its new files begin at their beginning. Its position is when it was looked at. */
const SEEN: StreamState = { position: 0, shape: NEW_STATE, waiting: 0 };

function reportProblems({ sources, problem }: LogsDeps): void {
  for (const source of sources) {
    const problems = source.problems();
    const [first] = problems;
    const where = first === undefined || first.what === source.name ? "" : `${first.what}: `;
    problem(source.name, first && `${where}${first.reason}`, first?.remedy);
  }
}
