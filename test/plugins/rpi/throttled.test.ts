import { describe, expect, test } from "bun:test";
import type { Capture, Io } from "../../../src/plugins/plugin.ts";
import { createThrottled } from "../../../src/plugins/rpi/throttled.ts";
import { fixtureIo } from "../../helpers/fixture-io.ts";
import { noSkip } from "../kernel/skipping.ts";

/** What is missing and why is in test/fixtures/rpi; here, how often the firmware is asked. */
const never = new AbortController().signal;
const ALARM = `${import.meta.dir}/../../fixtures/rpi/pi5-alarm`;
const NO_ALARM = `${import.meta.dir}/../../fixtures/rpi/pi5`;
const NO_PROGRAM = `${import.meta.dir}/../../fixtures/rpi/pi4-alarm-only`;
const OTHER_FLAGS = 7;

describe("with the kernel's alarm", () => {
  test("vcgencmd is started once in five minutes, the alarm is read each time", async () => {
    const { capture, started } = board(ALARM);
    const points: number[] = [];
    for (let at = 1000; at <= 1300; at += 30) points.push((await capture(at)).points.length);
    expect(points).toEqual([1 + OTHER_FLAGS, ...Array(9).fill(1), 1 + OTHER_FLAGS]);
    expect(started()).toBe(2);
  });

  test("in between it sends the current under_voltage and no old values", async () => {
    const { capture } = board(ALARM);
    await capture(1000);
    expect(await capture(1030)).toEqual({
      points: [{ metric: "Chouette.rpi.under_voltage", tags: [], timestamp: 1030, value: 1, type: "gauge" }],
    });
  });

  test("setting the clock neither delays nor hastens the next start", async () => {
    const { capture, started } = board(ALARM);
    await capture(2_000_000_000, 100);
    await capture(1000, 130);
    await capture(2_000_000_000, 160);
    expect(started()).toBe(1);
    await capture(1000, 400);
    expect(started()).toBe(2);
  });

  test("a failing vcgencmd is not started more often, and its failure is reported each time", async () => {
    const { capture, started } = board(NO_PROGRAM);
    const first = await capture(1000);
    expect(first.reason).toMatch(/^cannot start vcgencmd: no such file, .*under_voltage/);
    expect(await capture(1030)).toEqual({
      ...first,
      points: first.points.map((point) => ({ ...point, timestamp: 1030 })),
    });
    expect(started()).toBe(1);
  });
});

test("without the kernel's file vcgencmd is started each time", async () => {
  const { capture, started } = board(NO_ALARM);
  expect((await capture(1000)).points).toHaveLength(1 + OTHER_FLAGS);
  expect((await capture(1030)).points).toHaveLength(1 + OTHER_FLAGS);
  expect(started()).toBe(2);
});

/** Captures of a board, and how often vcgencmd was started by them. */
function board(folder: string) {
  const { io } = fixtureIo(folder);
  const throttled = createThrottled();
  let count = 0;
  let now = 0;
  const world: Io = {
    ...io,
    monotonic: () => now,
    lines(command, signal) {
      count += 1;
      return io.lines(command, signal);
    },
  };
  return {
    capture: (at: number, elapsed = at): Promise<Capture> => {
      now = elapsed;
      return throttled({ io: world, at, skip: noSkip, signal: never });
    },
    started: () => count,
  };
}
