import { describe, expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import { createCollect } from "../../src/jobs/collect.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { createSelfMetrics } from "../../src/jobs/self-metrics.ts";
import type { PluginOutcome, Supervised } from "../../src/jobs/supervise.ts";
import { gauge } from "../../src/model.ts";
import type { Change } from "../../src/storage/storage.ts";
import { manualClock, testClock } from "../helpers/clock.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

const never = new AbortController().signal;
const WRAPPED = "chouette:metrics:wrapped";
const record = (metric: string, value: number) => ({
  metric,
  tags: [],
  points: [[100, value]],
  type: "gauge",
});

function plugin(name: string, done: Promise<void> = Promise.resolve()): Supervised {
  return {
    name,
    capture: async (at) => {
      await done;
      return { plugin: name, ok: true, points: [gauge(name, 1, at)], duration: 0.5 };
    },
    close: async () => {},
  };
}

function setUp(plugins: Supervised[], more: Partial<Parameters<typeof createCollect>[0]> = {}) {
  const storage = memoryStorage();
  const commits: Change[] = [];
  const outcomes: PluginOutcome[] = [];
  let key = 0;
  const collect = createCollect({
    storage: {
      ...storage,
      shared: true,
      commit: (change) => {
        commits.push(change);
        return storage.commit(change);
      },
    },
    outbox: createOutbox(),
    clock: testClock(100),
    plugins,
    selfMetrics: undefined,
    host: "",
    newKey: () => `k${key++}`,
    captureInterval: 30,
    report: (outcome) => outcomes.push(outcome),
    ...more,
  });
  return { storage, commits, outcomes, collect };
}

describe("a capture of all plugins", () => {
  test("is stored in one commit", async () => {
    const { storage, commits, outcomes, collect } = setUp([plugin("a"), plugin("b")]);
    await collect(100, never);
    expect(await recordsOf(storage, WRAPPED)).toEqual([record("a", 1), record("b", 1)]);
    expect([commits.length, outcomes.length]).toEqual([1, 2]);
  });

  test("includes the bytes that the agent wrote to the card since the last one", async () => {
    const selfMetrics = createSelfMetrics(
      () => 100,
      () => "k",
    );
    const { storage, collect } = setUp([plugin("a")], { selfMetrics, written: () => 8192 });
    await collect(100, never);
    expect(await recordsOf(storage, WRAPPED)).toContainEqual({
      ...record("chouette.disk.written", 8192),
      type: "count",
      interval: 30,
    });
  });

  test("is one record where no other program reads the queue", async () => {
    const storage = memoryStorage();
    const { collect } = setUp([plugin("a"), plugin("b")], { storage });
    await collect(100, never);
    expect(await recordsOf(storage, WRAPPED)).toEqual([record("a", 1), record("b", 1)]);
    expect([(await storage.size(WRAPPED)).count, await storage.weight(WRAPPED)]).toEqual([1, 2]);
  });

  test("is not a failure of the plugin when the agent stops during it", async () => {
    const failing: Supervised = {
      ...plugin("b"),
      capture: async (at) => ({
        plugin: "b",
        ok: false,
        points: [gauge("b", 1, at)],
        duration: 1,
        reason: "aborted",
      }),
    };
    const selfMetrics = createSelfMetrics(
      () => 100,
      () => "k",
    );
    const { storage, outcomes, collect } = setUp([failing], { selfMetrics });
    await collect(100, AbortSignal.abort());
    expect(outcomes).toEqual([]);
    expect(await recordsOf(storage, WRAPPED)).toEqual([record("b", 1)]);
  });

  test("does not wait for a slow plugin to store what the others have", async () => {
    const clock = manualClock(100);
    let finish = () => {};
    const slow = plugin("slow", new Promise((resolve) => (finish = resolve)));
    const { storage, commits, collect } = setUp([plugin("quick"), slow], { clock });
    const capture = collect(100, never);
    while (clock.sleepers() === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1);
    while (commits.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await recordsOf(storage, WRAPPED)).toEqual([record("quick", 1)]);
    finish();
    await capture;
    expect(await recordsOf(storage, WRAPPED)).toEqual([record("quick", 1), record("slow", 1)]);
  });

  test("names the host that it was taken on, which the points keep", async () => {
    const { storage, collect } = setUp([plugin("a")], { host: "garage" });
    await collect(100, never);
    expect(await recordsOf(storage, WRAPPED)).toEqual([{ ...record("a", 1), host: "garage" }]);
  });

  test("without plugins writes nothing", async () => {
    const { commits, collect } = setUp([]);
    await collect(100, never);
    expect(commits).toEqual([]);
  });

  test("includes Chouette's metrics about the plugins", async () => {
    const selfMetrics = createSelfMetrics(
      () => 100,
      () => crypto.randomUUID(),
    );
    const { storage, commits, collect } = setUp([plugin("a")], { selfMetrics });
    await collect(100, never);
    const own = (metric: string, value: number) => ({ ...record(metric, value), tags: ["plugin:a"] });
    expect(await recordsOf(storage, WRAPPED)).toEqual([
      record("a", 1),
      own("chouette.plugin.duration", 0.5),
      own("chouette.plugin.success", 1),
    ]);
    expect(commits).toHaveLength(1);
  });
});

describe("while the storage is unreachable", () => {
  test("points are kept in memory and stored by the next capture", async () => {
    let broken = true;
    const storage = memoryStorage();
    const commit = (change: Change) =>
      broken ? Promise.reject(new StorageError("gone")) : storage.commit(change);
    const { collect } = setUp([plugin("a")], { storage: { ...storage, commit, shared: false } });
    expect(collect(100, never)).rejects.toEqual(new StorageError("gone"));
    expect(collect(130, never)).rejects.toEqual(new StorageError("gone"));
    broken = false;
    await collect(160, never);
    const seconds = (await recordsOf(storage, WRAPPED)).map(
      (it) => (it as { points: [number, number][] }).points[0]?.[0],
    );
    expect(seconds).toEqual([100, 130, 160]);
  });

  test("at most the newest 10,000 points are kept", async () => {
    const many: Supervised = {
      ...plugin("many"),
      capture: async (at) => ({
        plugin: "many",
        ok: true,
        duration: 0,
        points: Array.from({ length: 3000 }, (_, n) => gauge(`m${n}`, n, at)),
      }),
    };
    let broken = true;
    const storage = memoryStorage();
    const commit = (change: Change) =>
      broken ? Promise.reject(new StorageError("gone")) : storage.commit(change);
    const { collect } = setUp([many], { storage: { ...storage, commit, shared: false } });
    for (let at = 100; at < 110; at++) await collect(at, never).catch(() => {});
    broken = false;
    await collect(110, never);
    expect(await storage.size(WRAPPED)).toMatchObject({ oldest: 106, newest: 110 });
    expect(await storage.weight(WRAPPED)).toBe(13_000);
  });
});

test("lines of a plugin go where those of applications go", async () => {
  const received: string[] = [];
  const lines = ["job.duration:320|ms"];
  const capture = async () => ({ plugin: "own", ok: true, points: [], lines, duration: 0 });
  const own: Supervised = { name: "own", capture, close: async () => {} };
  const { collect } = setUp([own], { receiveLines: (given) => received.push(...given) });
  await collect(100, never);
  expect(received).toEqual(lines);
});
