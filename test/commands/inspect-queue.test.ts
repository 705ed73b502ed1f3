import { describe, expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import { clockNote } from "../../src/jobs/clock-note.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { ALL_QUEUES } from "../../src/storage/storage.ts";
import { filled, LOGS, NOW, RAW, raw, setUp, WRAPPED, where } from "./inspect-rig.ts";

describe("inspect-queue", () => {
  test("repeats with --watch until it is interrupted", async () => {
    const { call, clock, stop } = setUp();
    const looks: number[] = [];
    const storage: Storage = {
      ...(await filled()).storage,
      size: async () => {
        looks.push(clock.now() - NOW);
        if (clock.now() - NOW >= 10) stop.abort();
        return { count: 0, oldest: undefined, newest: undefined };
      },
      peek: async () => [],
    };
    const { code, lines } = await call({ watch: 5, queues: [LOGS] }, storage);
    expect(code).toBe(0);
    expect([...new Set(looks)]).toEqual([0, 5, 10]);
    expect(lines.filter((line) => line.startsWith("storage"))).toHaveLength(3);
  });

  test("changes nothing", async () => {
    const { call, storage } = await filled();
    const before = await Promise.all(ALL_QUEUES.map((queue) => storage.size(queue)));
    await call({ peek: 5 });
    expect(await Promise.all(ALL_QUEUES.map((queue) => storage.size(queue)))).toEqual(before);
  });
});

describe("inspect-queue while the clock is not confirmed", () => {
  test("says how many records wait for it, as text and as JSON", async () => {
    const { storage, call, add } = setUp();
    await add(WRAPPED, [10, {}], [5, {}]);
    await storage.commit({ notes: clockNote({ confirmed: false, held: true }) });
    expect((await call()).lines[2]).toBe(
      "clock          not confirmed, 2 records wait for it; to see why: timedatectl status",
    );
    const { clock } = JSON.parse((await call({ json: true })).printed);
    expect(clock).toEqual({ confirmed: false, waiting: 2 });
  });

  test("says that nothing waits once everything is sent all the same", async () => {
    const { storage, call, add } = setUp();
    await add(WRAPPED, [10, {}]);
    await storage.commit({ notes: clockNote({ confirmed: false, held: false }) });
    expect((await call()).lines[2]).toContain("nothing waits for it");
  });

  test("has no line about a clock that is confirmed", async () => {
    const { storage, call } = setUp();
    await storage.commit({ notes: clockNote({ confirmed: true, held: false }) });
    expect((await call()).printed).not.toContain("clock");
  });
});

describe("inspect-queue on a faulty storage", () => {
  const gone = async () => {
    throw new StorageError("Redis is out of reach.");
  };

  test("fails when the storage is unreachable", async () => {
    const { call, storage } = setUp();
    const looking = call({}, { ...storage, size: gone, peek: gone, note: gone });
    expect(await looking.catch((error: unknown) => error)).toEqual(
      new StorageError("Redis is out of reach."),
    );
  });

  test("shows the readable queues when one is not", async () => {
    const { call, storage } = await filled();
    const broken: Storage = {
      ...storage,
      size: (queue, range) => (queue === LOGS ? gone() : storage.size(queue, range)),
    };
    const { code, lines } = await call({ queues: [LOGS, WRAPPED] }, broken);
    expect(code).toBe(0);
    expect(lines.slice(4, 8).map((line) => line.slice(0, 44).trimEnd())).toEqual([
      "QUEUE                     RECORDS  BYTES",
      "chouette:metrics:wrapped        1   65 B  3",
      "",
      "chouette:logs:wrapped: Redis is out of reach",
    ]);
    const { queues } = JSON.parse((await call({ queues: [LOGS, WRAPPED], json: true }, broken)).printed);
    expect(queues.map(({ count, error }: Record<string, unknown>) => [count, error])).toEqual([
      [0, "Redis is out of reach."],
      [1, undefined],
    ]);
  });
});

const OTHERS = ["distributions", "sketches", "events", "checks"].map((track) => `chouette:${track}:wrapped`);

describe("inspect-queue --json", () => {
  test("prints one document", async () => {
    const { call } = await filled();
    const { code, printed } = await call({ json: true });
    expect(code).toBe(0);
    expect(printed.split("\n")).toHaveLength(2);
    const empty = { count: 0, bytes: 0, oldest_age_s: null, newest_age_s: null, expiring: 0 };
    expect(JSON.parse(printed)).toEqual({
      agent: null,
      storage: where,
      queues: [
        {
          queue: RAW,
          count: 4,
          bytes: 238,
          oldest_age_s: 95,
          newest_age_s: 2,
          expiring: 0,
          malformed: 1,
          top: [
            { name: "my.count", count: 2 },
            { name: "b", count: 1 },
          ],
          sampled: 4,
        },
        {
          queue: WRAPPED,
          count: 1,
          bytes: 65,
          oldest_age_s: 14_000,
          newest_age_s: 14_000,
          expiring: 1,
          malformed: 0,
          top: [{ name: "a", count: 1 }],
          sampled: 1,
        },
        { queue: LOGS, ...empty, malformed: 0, top: [], sampled: 0 },
        ...OTHERS.map((queue) => ({ queue, ...empty, malformed: 0, top: [], sampled: 0 })),
        {
          queue: `${RAW}:rejected`,
          count: 1,
          bytes: 58,
          oldest_age_s: 200_000,
          newest_age_s: 200_000,
          expiring: 0,
          malformed: 0,
          top: [{ name: "it is not a record of this queue", count: 1 }],
          sampled: 1,
        },
        { queue: `${WRAPPED}:rejected`, ...empty, malformed: 0, top: [], sampled: 0 },
        ...[LOGS, ...OTHERS].map((queue) => ({
          queue: `${queue}:rejected`,
          ...empty,
          malformed: 0,
          top: [],
          sampled: 0,
        })),
      ],
      last_delivery: { at: NOW - 61, outcome: "held", error: "the API key is not valid" },
    });
  });

  test("shows numbers with all of their digits", async () => {
    const { call, add } = setUp();
    const log = '{"dd.trace_id":9223372036854775807,"ratio":2.0,"message":"a"}';
    await add(LOGS, [0, log]);
    expect((await call({ json: true, peek: 5, queues: [LOGS] })).printed).toContain(`"value":${log}`);
    expect((await call({ peek: 5, queues: [LOGS] })).printed).toContain(`"value":${log}`);
  });

  test("shows a record that nests 45,000 lists as its text", async () => {
    const { call, add } = setUp();
    const deep = `{"metric": "m", "tags": ${"[".repeat(45_000)}${"]".repeat(45_000)}}`;
    await add(RAW, [0, deep]);
    const [queue] = JSON.parse((await call({ json: true, peek: 5, queues: [RAW] })).printed).queues;
    expect(queue.malformed).toBe(1);
    expect(queue.records).toEqual([{ key: "key-0", at: NOW, bytes: deep.length, value: deep }]);
    expect((await call({ peek: 5, queues: [RAW] })).code).toBe(0);
  });

  test("prints whole records, also those that are not JSON", async () => {
    const { call, add } = setUp();
    await add(RAW, [1, raw("a")], [0, "x".repeat(3000)]);
    const { printed } = await call({ json: true, peek: 5, queues: [RAW] });
    expect(JSON.parse(printed).queues[0].records).toEqual([
      { key: "key-0", at: NOW - 1, bytes: 72, value: raw("a") },
      { key: "key-1", at: NOW, bytes: 3000, value: "x".repeat(3000) },
    ]);
  });
});
