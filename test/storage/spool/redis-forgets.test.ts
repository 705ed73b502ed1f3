import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { add, peekKeys, RAW, record, WRAPPED } from "../rig.ts";
import { back, cleanUp, type Device, device, settled } from "./standby-rig.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

const lease = { name: RAW, owner: "agent" };

/** Closes the window at a second: raw metrics become a point, as an aggregation does it. */
async function close(storage: Device["agent"], second: number, raw: readonly string[]): Promise<void> {
  await storage.acquire(lease, 60);
  await storage.commit({
    lease,
    remove: [{ queue: RAW, keys: raw }],
    add: [{ queue: WRAPPED, records: [record(`point-${second}`, second, `${raw.length}`)] }],
    stamps: [second],
  });
  await storage.release(lease);
}

/** A Redis that has saved two raw metrics of a window, to which two more came before the window was closed and delivered. */
async function beforeTheCut(): Promise<Device> {
  const it = await device();
  await add(it.outside, RAW, record("r1", 10), record("r2", 11));
  await close(it.agent, 0, []);
  await it.server.cli("SAVE");
  await add(it.outside, RAW, record("r3", 12), record("r4", 13));
  await close(it.agent, 10, ["r1", "r2", "r3", "r4"]);
  await it.agent.commit({ remove: [{ queue: WRAPPED, keys: ["point-0", "point-10"] }] });
  // Closed, and not delivered before the cut.
  await add(it.outside, RAW, record("r5", 20));
  await close(it.agent, 20, ["r5"]);
  await it.server.kill();
  await it.server.restart();
  await settled(it.outside);
  expect(await peekKeys(it.outside, RAW)).toEqual(["r1", "r2"]);
  return it;
}

/** What is to be read when the next aggregation begins. */
async function found(storage: Device["agent"]) {
  expect(await storage.acquire(lease, 60)).toBeUndefined();
  return {
    raw: await peekKeys(storage, RAW),
    points: (await storage.peek(WRAPPED, { limit: 10, maxBytes: 1e6, maxBody: 1e6 })).map(({ key, body }) => [
      key,
      body,
    ]),
    stamps: await storage.stamps(0, 100),
  };
}

const EXPECTED = {
  raw: ["late"],
  points: [
    ["point-10", "4"],
    ["point-20", "1"],
  ],
  stamps: [0, 10, 20],
};

test("a Redis that went back to its snapshot: a closed window is not built again of a part, late metrics count, no point is lost", async () => {
  const it = await beforeTheCut();
  await add(it.outside, RAW, record("late", 14));
  await back(it);
  const { points, ...rest } = await found(it.agent);
  expect({ ...rest, points: points.filter(([key]) => key !== "point-0") }).toEqual(EXPECTED);
  expect(it.warnings).toEqual([expect.stringContaining("Redis went back to an earlier state")]);
  // Only once.
  await found(it.agent);
  expect(it.warnings.length).toBe(1);
});

test("the same when the agent was restarted meanwhile", async () => {
  const it = await beforeTheCut();
  await it.agent.close();
  await add(it.outside, RAW, record("late", 14));
  const next = it.start();
  const { points, ...rest } = await found(next);
  expect({ ...rest, points: points.filter(([key]) => key !== "point-0") }).toEqual(EXPECTED);
  await next.close();
});

test("raw metrics that were read before it went back are read again, and not built from", async () => {
  const it = await device();
  await close(it.agent, 0, []);
  await add(it.outside, RAW, record("r1", 10));
  await it.server.cli("SAVE");
  await close(it.agent, 10, ["r1"]);
  await add(it.outside, RAW, record("r2", 20));
  expect(await it.agent.acquire(lease, 60)).toBeUndefined();
  await it.server.kill();
  await it.server.restart();
  await settled(it.outside);
  await back(it);
  await add(it.outside, RAW, record("r3", 30));
  const built = it.agent.commit({
    remove: [{ queue: RAW, keys: ["r1", "r3"] }],
    add: [{ queue: WRAPPED, records: [record("wrong", 11)] }],
    stamps: [11],
  });
  await expect(built).rejects.toThrow("went back");
  expect(await peekKeys(it.agent, RAW)).toEqual(["r3"]);
});

test("RAM that is new beside a Redis that is not: what was closed until now may be forgotten, and that is noted once", async () => {
  const it = await device();
  await settled(it.agent);
  expect(await it.agent.note("stamps-since")).toBe("0");
  await it.agent.commit({ stamps: [10] });
  const afterPowerCut = it.start(":memory:");
  await settled(afterPowerCut);
  expect(await afterPowerCut.note("stamps-since")).toBe("1700000000");
  await afterPowerCut.close();
});
