import { describe, expect, test } from "bun:test";
import { setImmediate as turn } from "node:timers/promises";
import { PluginError } from "../../src/errors.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import { gauge } from "../../src/model.ts";
import type { Capture, Collector } from "../../src/plugins/plugin.ts";
import { manualClock, testClock } from "../helpers/clock.ts";

const never = new AbortController().signal;
const points = [gauge("a", 1, 100), gauge("b", 0, 100)];

function capture(collect: Collector["collect"], maxPoints = 10) {
  return supervise("x", { collect }, testClock(100), { seconds: 5, maxPoints }).capture(100, never);
}

describe("a capture", () => {
  test("brings its points, also those with the value zero", async () => {
    expect(await capture(async () => ({ points }))).toEqual({ plugin: "x", ok: true, points, duration: 0 });
  });

  test("is not a failure when the device is absent", async () => {
    expect(await capture(async () => ({ points: [], reason: "no device", remedy: "buy one" }))).toEqual({
      plugin: "x",
      ok: true,
      points: [],
      duration: 0,
      reason: "no device",
      remedy: "buy one",
    });
  });

  test("has the reason and remedy of a PluginError", async () => {
    const collect = () =>
      Promise.reject(new PluginError("no permission", "sudo usermod -aG docker chouette"));
    expect(await capture(collect)).toEqual({
      plugin: "x",
      ok: false,
      points: [],
      duration: 0,
      reason: "no permission",
      remedy: "sudo usermod -aG docker chouette",
    });
  });

  test("that throws, at once or later, is a failure with the error as its reason", async () => {
    const outcome = { plugin: "x", ok: false, points: [], duration: 0, reason: "boom" };
    expect(await capture(() => Promise.reject(new Error("boom")))).toEqual(outcome);
    expect(
      await capture(() => {
        throw new Error("boom");
      }),
    ).toEqual(outcome);
  });

  test("that returns something other than points is a failure", async () => {
    for (const garbage of [undefined, null, 5, "text", {}, { points: 5 }]) {
      expect(await capture(async () => garbage as unknown as Capture)).toMatchObject({
        ok: false,
        points: [],
      });
    }
  });

  test("with values that are not numbers that can be sent keeps the other points", async () => {
    const odd = [gauge("a", Number.NaN, 100), gauge("b", 2, 100), gauge("c", Number.POSITIVE_INFINITY, 100)];
    expect(await capture(async () => ({ points: odd }))).toMatchObject({
      ok: true,
      points: [gauge("b", 2, 100)],
      reason: "2 values are not numbers that can be sent",
    });
  });

  test("with more points than allowed is cut and is a failure", async () => {
    const flood = Array.from({ length: 20 }, (_, n) => gauge(`m${n}`, n, 100));
    const outcome = {
      plugin: "x",
      ok: false,
      points: flood.slice(0, 10),
      duration: 0,
      reason: "more than PLUGIN_MAX_POINTS=10 points at once; the others were left out",
      remedy: "Raise PLUGIN_MAX_POINTS, or let the plugin report less.",
    };
    expect(await capture(async () => ({ points: flood }), 10)).toEqual(outcome);
    const more = { points: flood, reason: "no device", remedy: "Buy one." };
    expect(await capture(async () => more, 10)).toEqual({
      ...outcome,
      reason: `no device; ${outcome.reason}`,
      remedy: `Buy one. ${outcome.remedy}`,
    });
    expect(await capture(async () => ({ points: flood }), 20)).toMatchObject({ ok: true, points: flood });
  });
});

test("a hung plugin is abandoned at its deadline, and not called again before it has returned", async () => {
  let comeBack = () => {};
  let captures = 0;
  const collect = () => {
    captures++;
    return new Promise<Capture>((resolve) => {
      comeBack = () => resolve({ points });
    });
  };
  const clock = testClock(100);
  const plugin = supervise("x", { collect }, clock, { seconds: 5, maxPoints: 10 });
  const outcome = { plugin: "x", ok: false, points: [], remedy: "chouette test-plugins x" };
  // The same words, so that the log has them once.
  expect(await plugin.capture(100, never)).toEqual({
    ...outcome,
    duration: 6,
    reason: "has not come back for 6 s",
  });
  clock.pass(24);
  expect(await plugin.capture(130, never)).toEqual({
    ...outcome,
    duration: 0,
    reason: "has not come back for 30 s",
  });
  expect(captures).toBe(1);
  comeBack();
  await Promise.resolve();
  const third = plugin.capture(160, never);
  comeBack();
  expect(await third).toMatchObject({ ok: true, points });
  expect(captures).toBe(2);
});

test("the signal aborts at a plugin's deadline, and points that it returns then are kept", async () => {
  const outcome = await capture(
    (_at, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve({ points, reason: "partly" }))),
  );
  expect(outcome).toEqual({ plugin: "x", ok: true, points, duration: 5, reason: "partly" });
});

describe("while a plugin holds the processor", () => {
  const HELD = "took 15 s and held the processor, so that nothing else could run";
  const seconds = 5;

  test("its points are kept, and it has failed", async () => {
    const clock = testClock(100);
    const collect = async () => {
      clock.pass(15);
      return { points, reason: "partly" };
    };
    expect(await supervise("x", { collect }, clock, { seconds, maxPoints: 10 }).capture(100, never)).toEqual({
      plugin: "x",
      ok: false,
      points,
      duration: 15,
      reason: `partly; ${HELD}`,
      remedy: "Let it await what takes long, or make it a command: exec:COMMAND.",
    });
  });

  test.each([
    [true, { ok: true }],
    [false, { ok: false, reason: HELD }],
  ])(
    "another plugin has time to end afterwards, and has not failed when it is trusted: %p",
    async (trusted, outcome) => {
      const clock = manualClock(100);
      const told: boolean[] = [];
      let end = () => {};
      const collect = (_at: number, signal: AbortSignal) =>
        new Promise<Capture>((resolve) => {
          end = () => {
            told.push(signal.aborted);
            resolve({ points });
          };
        });
      const plugin = supervise("x", { collect }, clock, { seconds, maxPoints: 10, trusted });
      const capturing = plugin.capture(100, never);
      clock.advance(15);
      await turn();
      end();
      expect(await capturing).toMatchObject({ points, duration: 15, ...outcome });
      expect([told, clock.sleepers()]).toEqual([[false], 0]);
    },
  );

  test("another plugin that hangs is given up all the same", async () => {
    const clock = manualClock(100);
    const collect = () => new Promise<Capture>(() => {});
    const plugin = supervise("x", { collect }, clock, { seconds, maxPoints: 10, trusted: true });
    const capturing = plugin.capture(100, never);
    for (const pause of [15, 1, 1]) {
      clock.advance(pause);
      await turn();
    }
    expect(await capturing).toMatchObject({ ok: false, duration: 17, reason: "has not come back for 17 s" });
  });
});

test("a hung plugin has a second to return its points when the agent stops", async () => {
  const clock = testClock(100);
  const plugin = supervise("x", { collect: () => new Promise(() => {}) }, clock, {
    seconds: 5,
    maxPoints: 10,
  });
  expect(await plugin.capture(100, AbortSignal.abort())).toMatchObject({ ok: false, duration: 1 });
});
