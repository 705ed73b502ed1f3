import { describe, expect, test } from "bun:test";
import { readClockStatus } from "../../src/jobs/clock-note.ts";
import { seriesReader } from "../../src/records/series-identity.ts";
import { capture, device, NOON } from "./clock-wait-rig.ts";

/** What 16 captures from noon on are at the intake. */
const SIXTEEN = Array.from({ length: 16 }, (_, n): [number, number] => [NOON + 30 * n, n + 1]);

describe("16 captures before the clock is set", () => {
  test("all arrive with their time, from a device that starts in 1970 without a network", async () => {
    const pi = await device(100);
    pi.network.up = false;
    await capture(pi, 16);
    await pi.release();
    expect(pi.points()).toEqual({});
    pi.machine.set(pi.time());
    pi.facts.synchronized = true;
    pi.network.up = true;
    pi.machine.advance(30);
    await pi.release();
    expect([pi.points(), pi.errors]).toEqual([{ captures: SIXTEEN }, []]);
  });

  test("all arrive with their time when fake-hwclock starts three hours late", async () => {
    const pi = await device(NOON - 3 * 3600);
    await capture(pi, 16);
    pi.machine.set(pi.time());
    pi.facts.synchronized = true;
    await pi.release();
    expect(pi.points()).toEqual({ captures: SIXTEEN });
  });

  test("cost one request more when the clock was right all the time, and nobody said so", async () => {
    const pi = await device(NOON);
    await capture(pi, 16);
    await pi.release();
    expect([pi.points(), pi.requests()]).toEqual([{ captures: SIXTEEN }, 3]);
    expect(await readClockStatus(pi.storage)).toEqual({ confirmed: true, held: false });
  });

  test("are sent as they are after ten minutes in which the intake shows another time", async () => {
    const pi = await device(NOON);
    pi.network.date = () => NOON - 86_400;
    await capture(pi, 16);
    await pi.release();
    expect(pi.points()).toEqual({});
    expect(await readClockStatus(pi.storage)).toEqual({ confirmed: false, held: true });
    pi.machine.advance(600);
    await pi.release();
    expect(pi.points()).toEqual({ captures: SIXTEEN });
    expect(pi.logged.join()).toContain("could not be confirmed");
    expect(await readClockStatus(pi.storage)).toEqual({ confirmed: false, held: false });
  });

  test("are sent as they are when the intake shows no time", async () => {
    const pi = await device(NOON);
    pi.network.date = () => undefined;
    await capture(pi, 16);
    await pi.release();
    expect(pi.points()).toEqual({ captures: SIXTEEN });
  });

  test("keep their stamps once they were sent, though the answer was lost and the clock is confirmed later", async () => {
    const pi = await device(1000);
    pi.network.date = () => undefined;
    await capture(pi, 2);
    await pi.release();
    pi.network.up = false;
    pi.machine.advance(601);
    await pi.release();
    pi.machine.set(pi.time());
    pi.facts.synchronized = true;
    pi.machine.advance(61);
    pi.network.up = true;
    await pi.release();
    expect(pi.points()).toEqual({
      captures: [
        [1000, 1],
        [1030, 2],
      ],
    });
  });

  test("of an earlier boot in 1970 are dropped and counted: their time is not known", async () => {
    const before = await device(100);
    before.network.up = false;
    await capture(before, 16);
    const pi = await device(NOON, before.storage, "boot-2");
    await pi.release();
    expect(pi.points()).toEqual({});
    expect(pi.logged.join()).toContain("16 records of points were dropped");
  });

  test("of an earlier boot with a time that can be true keep it", async () => {
    const before = await device(NOON - 3600);
    before.network.up = false;
    await capture(before, 2);
    const pi = await device(NOON, before.storage, "boot-2");
    await pi.release();
    expect(pi.points()).toEqual({
      captures: [
        [NOON - 3600, 1],
        [NOON - 3570, 2],
      ],
    });
  });
});

test("a jump of 8 s to tomorrow and back expires none of 13 captures that wait", async () => {
  const pi = await device(NOON);
  pi.facts.synchronized = true;
  pi.network.up = false;
  await capture(pi, 13);
  const before = pi.machine.now();
  pi.machine.set(before + 86_400);
  for (let second = 0; second < 8; second++) {
    await pi.aggregate();
    await pi.release();
    pi.machine.advance(1);
  }
  pi.machine.set(before + 8);
  pi.network.up = true;
  pi.machine.advance(600);
  await pi.release();
  expect(pi.points()).toEqual({ captures: SIXTEEN.slice(0, 13) });
});

test("a clock set back by 10 s gives no capture the second of another, and no count is lost", async () => {
  const pi = await device(NOON);
  pi.facts.synchronized = true;
  for (let n = 0; n < 10; n++) {
    await pi.capture();
    pi.machine.advance(7);
    if (n === 4) pi.machine.set(pi.machine.now() - 10);
  }
  await pi.release();
  const sent = pi.points().captures ?? [];
  expect(new Set(sent.map(([second]) => second)).size).toBe(10);
  expect(sent.reduce((sum, [, value]) => sum + value, 0)).toBe(55);
});

test("windows of applications wait for the clock, and move with it", async () => {
  const pi = await device(100);
  const series = seriesReader([])("app.count", []);
  if (series === undefined) throw new Error("no series");
  const add = (value: number) => {
    const group = pi.live.find(series, "count", pi.clock.now());
    if (typeof group === "string") throw new Error(group);
    pi.live.add(group, { series, type: "count", timestamp: pi.clock.now(), value });
  };
  add(3);
  pi.machine.advance(10);
  add(4);
  pi.machine.advance(30);
  await pi.aggregate();
  expect((await pi.storage.size("chouette:metrics:wrapped")).count).toBe(0);
  pi.machine.set(pi.time());
  pi.facts.synchronized = true;
  add(5);
  await pi.aggregate();
  pi.machine.advance(20);
  await pi.aggregate();
  await pi.release();
  expect(pi.points()).toEqual({
    "app.count": [
      [NOON, 3],
      [NOON + 10, 4],
      [NOON + 40, 5],
    ],
  });
});
