import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { StorageError } from "../../src/errors.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { pushRaw, recordsOf } from "../helpers/memory-storage.ts";
import { OTHER, START, setUp } from "./lanes-rig.ts";

describe("the agent", () => {
  test("captures, aggregates and sends on its intervals, and makes a last pass when it is stopped", async () => {
    const intake = memoryIntake();
    const { clock, storage, stop, captures, start, lease } = setUp(intake);
    const { code, noted, logged } = await start(async (count) => {
      await pushRaw(storage, { timestamp: clock.now(), value: count });
      if (count === 5) stop.abort();
    });
    expect({ code, noted }).toEqual({ code: 0, noted: "" });
    expect(captures).toEqual([1, 27, 57, 87, 117]);
    expect(intake.points).toEqual({
      captures: [1, 27, 57, 87, 117].map((second, index) => [START + second, index + 1]),
      m: [-3, 27, 57, 87, 117].map((second, index) => [START + second, index + 1]),
    });
    for (const queue of ["chouette:metrics:raw", "chouette:metrics:wrapped"] as const)
      expect(await recordsOf(storage, queue)).toEqual([]);
    expect(await storage.acquire({ ...lease, owner: OTHER }, 90)).toBeUndefined();
    expect(logged).toEqual([expect.stringMatching(/^first delivery: 2 points, /)]);
  });

  test("sends the metrics of the open window in its last pass", async () => {
    const intake = memoryIntake();
    const { clock, storage, stop, start } = setUp(intake);
    await start(async () => {
      await pushRaw(storage, { timestamp: clock.now() + 4, value: 1 });
      stop.abort();
    });
    expect(intake.points.m).toEqual([[START - 3, 1]]);
  });

  test("makes its last pass even when it is stopped before it began", async () => {
    const intake = memoryIntake();
    const { storage, stop, captures, start } = setUp(intake);
    await pushRaw(storage, { timestamp: START, value: 1 });
    stop.abort();
    expect(await start(() => {})).toMatchObject({ code: 0, noted: "" });
    expect(captures).toEqual([]);
    expect(intake.points).toEqual({ m: [[START - 3, 1]] });
  });

  test("keeps records that the intake does not accept, logs that once, and stops in time", async () => {
    const unheard: Delivery = { outcome: "retry", status: 0, error: "the network is down" };
    const { clock, storage, stop, start } = setUp(memoryIntake(() => unheard));
    let stopped = 0;
    const { code, logged } = await start((count) => {
      if (count < 8) return;
      stopped = clock.now();
      stop.abort();
    });
    expect({ code, logged }).toEqual({ code: 0, logged: ["sending metrics: the network is down"] });
    expect(await recordsOf(storage, "chouette:metrics:wrapped")).toHaveLength(8);
    expect(clock.now() - stopped).toBeLessThan(20);
  });

  test("survives a failing plugin and an unreachable storage", async () => {
    const intake = memoryIntake();
    const { storage, stop, start } = setUp(intake);
    let down = false;
    const shaky: Storage = {
      ...storage,
      commit: async (change) => {
        if (down) throw new StorageError("Redis is out of reach.");
        await storage.commit(change);
      },
    };
    const { code, logged } = await start((count) => {
      down = count === 2 || count === 3;
      if (count === 6) stop.abort();
      if (count === 4) throw new Error("no such device");
    }, shaky);
    expect(code).toBe(0);
    // Points delivered while the storage could not record that are delivered again, unchanged.
    expect([...new Map(intake.points.captures)].map(([, value]) => value)).toEqual([1, 2, 3, 5, 6]);
    // Whether a release falls into the outage depends on the device's offset.
    expect(logged.filter((line) => !/^first delivery|send metrics/.test(line))).toEqual([
      "job collect: Redis is out of reach.",
      "plugin test: no such device",
      "job collect works again",
      "plugin test works again",
    ]);
  });

  test("sends the captures of an outage when it is stopped soon after the storage is back", async () => {
    const intake = memoryIntake();
    const { storage, stop, captures, start } = setUp(intake);
    const unreachable: Storage = {
      ...storage,
      size: async (...queue) => {
        if (captures.length > 0) stop.abort();
        return storage.size(...queue);
      },
      commit: async (change) => {
        if (!stop.signal.aborted) throw new StorageError("Redis is out of reach.");
        await storage.commit(change);
      },
    };
    expect(await start(() => {}, unreachable)).toMatchObject({ code: 0 });
    expect(captures).toEqual([1]);
    expect(intake.points).toEqual({ captures: [[START + 1, 1]] });
  });

  test("starts without its storage, and works once that is reachable", async () => {
    const intake = memoryIntake();
    const { storage, stop, start } = setUp(intake);
    let down = true;
    const late: Storage = {
      ...storage,
      acquire: async (lease, seconds) => {
        if (down) throw new StorageError("Redis is out of reach.");
        return storage.acquire(lease, seconds);
      },
    };
    const { code } = await start((count) => {
      down = count < 5;
      if (count === 6) stop.abort();
    }, late);
    expect(code).toBe(0);
    expect(intake.points.captures).toHaveLength(6);
  });
});

describe("only one of two agents on one storage works", () => {
  test("the second names the first and the command to type, and changes nothing", async () => {
    const intake = memoryIntake();
    const { storage, lease, captures, start } = setUp(intake);
    await storage.acquire({ ...lease, owner: OTHER }, 90);
    await pushRaw(storage, { timestamp: START - 60 });
    expect(await start(() => {})).toEqual({
      code: 1,
      noted: expect.stringMatching(
        /^another chouette run \(the owner .*\) .*: sudo systemctl stop chouette\n$/,
      ),
      logged: [],
    });
    expect({ captures, posts: intake.bodies.length }).toEqual({ captures: [], posts: 0 });
    expect(await recordsOf(storage, "chouette:metrics:raw")).toHaveLength(1);
    expect(await storage.acquire(lease, 90)).toBe(OTHER);
  });

  test("the agent of another host shares the storage", async () => {
    const { storage, stop, start } = setUp();
    await storage.acquire({ name: "agent:other-host", owner: OTHER }, 90);
    expect(await start(() => stop.abort())).toMatchObject({ code: 0, noted: "" });
  });

  test("the first ends without a last pass when the second took the lease while it was unresponsive", async () => {
    const intake = memoryIntake();
    const { clock, storage, lease, captures, start } = setUp(intake);
    const { code, noted } = await start(async (count) => {
      if (count !== 1) return;
      clock.pass(600);
      expect(await storage.acquire({ ...lease, owner: OTHER }, 300)).toBeUndefined();
      await pushRaw(storage, { timestamp: clock.now() + 300 });
    });
    expect({ code, noted }).toEqual({
      code: 1,
      noted: expect.stringMatching(/^another chouette run \(the owner .*\) took this storage .*\n$/),
    });
    expect(captures.length).toBeLessThan(6);
    expect(await recordsOf(storage, "chouette:metrics:raw")).toHaveLength(1);
    expect(await storage.acquire(lease, 300)).toBe(OTHER);
  });

  test("a responsive agent keeps its lease", async () => {
    const { storage, stop, lease, start } = setUp();
    const refused: unknown[] = [];
    const { code } = await start(async (count) => {
      refused.push(await storage.acquire({ ...lease, owner: OTHER }, 300));
      if (count === 40) stop.abort();
    });
    expect(code).toBe(0);
    expect(refused).toEqual(Array(40).fill("me"));
  });
});
