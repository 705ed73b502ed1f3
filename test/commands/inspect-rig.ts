import { type InspectOptions, inspectQueue } from "../../src/commands/inspect-queue.ts";
import { lastDeliveryNote } from "../../src/jobs/last-delivery.ts";
import type { QueueName, Storage } from "../../src/storage/storage.ts";
import { ALL_QUEUES } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

export const NOW = 1_591_541_275;
export const RAW = "chouette:metrics:raw";
export const WRAPPED = "chouette:metrics:wrapped";
export const LOGS = "chouette:logs:wrapped";
export const where = { type: "sqlite", where: "/var/lib/chouette/chouette.db" };

/** `inspect-queue` on a storage in memory, beside an agent with these answers; without any, none runs. */
export function setUp(width = Number.POSITIVE_INFINITY, answers: Readonly<Record<string, unknown>> = {}) {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const stop = new AbortController();
  const call = async (options: Partial<InspectOptions> = {}, found: Storage = storage) => {
    const printed: string[] = [];
    const code = await inspectQueue(
      {
        clock,
        stop: stop.signal,
        width,
        storage: found,
        where,
        ask: async (question) => answers[question],
        socket: "/var/lib/chouette/agent.sock",
        print: (text) => void printed.push(text),
        note: () => {},
        ttl: (queue) => (queue === LOGS ? 64_800 : 14_400),
      },
      { json: false, watch: undefined, peek: 0, queues: ALL_QUEUES, ...options },
    );
    return { code, printed: printed.join(""), lines: printed.join("").split("\n") };
  };
  const add = (queue: QueueName, ...records: [age: number, body: unknown][]) =>
    storage.commit({
      add: [
        {
          queue,
          records: records.map(([age, body], n) => ({
            key: `key-${n}`,
            at: NOW - age,
            body: typeof body === "string" ? body : JSON.stringify(body),
          })),
        },
      ],
    });
  return { clock, storage, stop, call, add };
}

export const raw = (metric: string) => ({ metric, type: "count", value: 1, timestamp: NOW, tags: {} });

/** The same with some of everything. */
export async function filled() {
  const rig = setUp();
  await rig.add(RAW, [95, raw("my.count")], [12.5, raw("my.count")], [3, raw("b")], [2, "nonsense"]);
  await rig.add(WRAPPED, [14_000, { metric: "a", tags: [], points: [[NOW - 14_000, 1]], type: "gauge" }]);
  await rig.add(`${RAW}:rejected`, [200_000, { reason: "it is not a record of this queue", record: "{" }]);
  await rig.storage.commit({
    notes: lastDeliveryNote(
      NOW - 61,
      { count: 0, first: undefined },
      { outcome: "hold", status: 403, error: "the API key is not valid" },
    ),
  });
  return rig;
}
