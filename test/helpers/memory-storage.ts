import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import { QUEUES, type QueueName, type Storage } from "../../src/storage/storage.ts";

/** A storage of the test's own: the embedded one, in memory. */
export function memoryStorage(now: () => number = () => 0): Storage {
  return openSqlite(":memory:", { now, fateOf: () => "unknown" as const, warn: () => {} });
}

/** The JSON of every record of a queue, in its order; of a record with several series, each of these. */
export async function recordsOf(storage: Storage, queue: QueueName): Promise<unknown[]> {
  const records = await storage.peek(queue, { limit: 1e6, maxBytes: 1e9, maxBody: 1e9 });
  return records.flatMap(({ body }) => {
    const record = JSON.parse(body ?? "null") as { series?: unknown[] } | null;
    return record?.series ?? [record];
  });
}

/** Queues an application's raw metrics as its client does: at their timestamps, under fresh keys. */
export async function pushRaw(
  storage: Storage,
  ...metrics: ({ timestamp: number } & Record<string, unknown>)[]
): Promise<void> {
  const records = metrics.map((metric) => ({
    key: crypto.randomUUID(),
    at: metric.timestamp,
    body: JSON.stringify({ metric: "m", type: "count", value: 1, tags: {}, ...metric }),
  }));
  await storage.commit({ add: [{ queue: QUEUES[0], records }] });
}
