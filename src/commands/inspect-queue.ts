import { StorageError } from "../errors.ts";
import { readClockStatus } from "../jobs/clock-note.ts";
import { readLastDelivery } from "../jobs/last-delivery.ts";
import { parseJson } from "../json/parse-json.ts";
import { losslessText, parseLosslessJson } from "../records/lossless-json.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import { readGrowth } from "../storage/counts/growth.ts";
import { readDropped } from "../storage/counts/read-dropped.ts";
import type { QueueName, Storage, StoredRecord } from "../storage/storage.ts";
import { printable } from "../terminal/printable.ts";
import type { Size } from "../terminal/screen.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";
import { formatAgent, readAgentStatus } from "./agent-status.ts";
import { type Ask, askForTraffic } from "./ask-agent.ts";
import { formatInspection, type Inspection, type QueueInspection } from "./inspection.ts";
import { readLogSources } from "./log-sources.ts";
import { describeSample } from "./queue-sample.ts";

export type InspectDeps = Terminal & {
  storage: Storage;
  where: { type: string; where: string };
  /** Seconds to live, by queue. */
  ttl(queue: QueueName): number;
  /** Asks the agent that runs beside this command. */
  ask: Ask;
  /** Where that agent listens. */
  socket: string;
  /** The current size of the terminal; undefined when standard output is not one that can be redrawn. */
  size?: (() => Size) | undefined;
};

export type InspectOptions = {
  json: boolean;
  /** Seconds between two inspections; undefined: inspect once. */
  watch: number | undefined;
  /** Records to show of each queue. */
  peek: number;
  queues: readonly QueueName[];
};

/** Records that are read for the sizes and most frequent names; a longer queue is judged by its oldest ones. */
const SAMPLE = { limit: 10_000, maxBytes: 8_000_000, maxBody: MAX_RECORD_BYTES } as const;

/** Shows the content of the queues without changing it. Resolves to 0; rejects with StorageError when the storage is unreachable. */
export async function inspectQueue(deps: InspectDeps, options: InspectOptions): Promise<number> {
  const { size } = deps;
  if (options.watch !== undefined && size !== undefined && !options.json) {
    const { watch } = await import("./watch.ts");
    await watch({ ...deps, size }, () => inspect(deps, options), options.watch);
    return 0;
  }
  for (;;) {
    const inspection = await inspect(deps, options);
    deps.print(
      options.json
        ? `${printable(losslessText(inspection))}\n`
        : formatInspection(inspection, deps.socket, deps.clock.now(), deps.width),
    );
    if (options.watch === undefined) return 0;
    await deps.clock.sleep(options.watch, deps.stop);
    if (deps.stop.aborted) return 0;
    if (!options.json) deps.print("\n");
  }
}

/** Prints what the agent says where the storage says nothing; nothing when no agent answers. */
export async function inspectAgent({
  ask,
  socket,
  clock,
  print,
  width,
}: Pick<InspectDeps, "ask" | "socket" | "clock" | "print" | "width">): Promise<void> {
  const agent = readAgentStatus(await ask("status"));
  if (agent === undefined) return;
  const { before, after } = formatAgent(agent, socket, clock.now());
  print(wrap(`${[...before, ...after].join("\n")}\n\n`, width));
}

async function inspect(deps: InspectDeps, options: InspectOptions): Promise<Inspection> {
  const queues: QueueInspection[] = [];
  for (const queue of options.queues) {
    queues.push(
      await inspectOne(deps, queue, options.peek).catch((error: unknown) => unreadable(queue, error)),
    );
  }
  // A single queue may be unreadable (a key of the wrong type); when all are, the storage is.
  if (queues.every(({ error }) => error !== undefined)) throw new StorageError(queues[0]?.error);
  const [agent, traffic] = await Promise.all([deps.ask("status"), askForTraffic(deps.ask)]);
  const logs = await readLogSources(deps.storage);
  return {
    agent: readAgentStatus(agent) ?? null,
    storage: deps.where,
    queues,
    last_delivery: (await readLastDelivery(deps.storage)) ?? null,
    ...(await clockOf(deps.storage)),
    ...(await droppedOf(deps.storage)),
    ...(await roomOf(deps.storage)),
    ...(traffic && { dogstatsd: traffic }),
    ...(logs.length > 0 && { logs }),
  };
}

async function clockOf(storage: Storage): Promise<Pick<Inspection, "clock">> {
  const status = await readClockStatus(storage);
  if (status === undefined || status.confirmed) return {};
  const weights = status.held ? await Promise.all(WAITING.map((queue) => storage.weight(queue))) : [];
  return { clock: { confirmed: false, waiting: weights.reduce((sum, weight) => sum + weight, 0) } };
}

async function droppedOf(storage: Storage): Promise<Pick<Inspection, "dropped">> {
  const dropped = await readDropped(storage);
  return Object.keys(dropped).length === 0 ? {} : { dropped };
}

async function roomOf(storage: Storage): Promise<Pick<Inspection, "room">> {
  const room = await storage.room();
  if (room === undefined) return {};
  const growth = await readGrowth(storage);
  return {
    room: { ...room, seconds: growth === undefined ? null : Math.max(0, room.most - room.used) / growth },
  };
}

/** The queues that wait for the clock. */
const WAITING: readonly QueueName[] = ["chouette:metrics:raw", "chouette:metrics:wrapped"];

async function inspectOne(
  { storage, clock, ttl }: InspectDeps,
  queue: QueueName,
  peek: number,
): Promise<QueueInspection> {
  const now = clock.now();
  const { oldest, newest } = await storage.size(queue);
  const count = await storage.weight(queue);
  const expiring = queue.endsWith(":rejected")
    ? 0
    : await storage.weight(queue, { before: now - 0.9 * ttl(queue) });
  const records = await storage.peek(queue, SAMPLE);
  return {
    queue,
    count,
    oldest_age_s: oldest === undefined ? null : now - oldest,
    newest_age_s: newest === undefined ? null : now - newest,
    expiring,
    ...describeSample(queue, records, count),
    ...(peek > 0 && { records: records.slice(0, peek).map(shown) }),
  };
}

function unreadable(queue: QueueName, error: unknown): QueueInspection {
  if (!(error instanceof StorageError)) throw error;
  const nothing = { count: 0, oldest_age_s: null, newest_age_s: null, expiring: 0 };
  return { queue, ...nothing, ...describeSample(queue, [], 0), error: error.message };
}

/** Returns a record as it is shown: its value as JSON, or as text when it is not JSON. */
function shown({ key, at, body, bytes }: StoredRecord): unknown {
  return { key, at, bytes, value: body === undefined ? null : valueIn(body) };
}

/** Numbers keep their digits: a person looks for all of those of a `dd.trace_id`. */
function valueIn(body: string): unknown {
  return parseJson(body) === undefined ? body : parseLosslessJson(body);
}
