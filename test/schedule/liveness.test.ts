import { describe, expect, test } from "bun:test";
import { createLiveness } from "../../src/schedule/liveness.ts";
import { manualClock } from "../helpers/clock.ts";

const never = new AbortController().signal;
const GRACE = 120;

/** A lane of 10 seconds whose run ends when it is told to. */
function setUp() {
  const clock = manualClock(0);
  const liveness = createLiveness(clock);
  let end = () => {};
  let fail = () => {};
  const job = liveness.watch({
    name: "send",
    every: 10,
    run: () =>
      new Promise((resolve, reject) => {
        end = resolve;
        fail = () => reject(new Error("no network"));
      }),
  });
  return { clock, liveness, run: () => job.run(0, never), end: () => end(), fail: () => fail() };
}

describe("a lane is stuck", () => {
  test("when its run does not end in its interval and the grace", () => {
    const { clock, liveness, run } = setUp();
    void run();
    clock.advance(130);
    expect(liveness.stuck(GRACE)).toEqual([]);
    clock.advance(1);
    expect(liveness.stuck(GRACE)).toEqual([{ lane: "send", running: true, seconds: 131 }]);
  });

  test("when no run follows, with one interval more for a clock that is set back", async () => {
    const { clock, liveness, run, end } = setUp();
    const first = run();
    end();
    await first;
    clock.advance(140);
    expect(liveness.stuck(GRACE)).toEqual([]);
    clock.advance(1);
    expect(liveness.stuck(GRACE)).toEqual([{ lane: "send", running: false, seconds: 141 }]);
  });

  test("when it never begins", () => {
    const { clock, liveness } = setUp();
    clock.advance(141);
    expect(liveness.stuck(GRACE)).toEqual([{ lane: "send", running: false, seconds: 141 }]);
  });
});

describe("a lane is not stuck", () => {
  test("while its runs end, even with a failure", async () => {
    const { clock, liveness, run, fail } = setUp();
    for (let round = 0; round < 20; round++) {
      const failing = run();
      clock.advance(20);
      fail();
      expect(await failing.catch((error: Error) => error.message)).toBe("no network");
      clock.advance(20);
      expect(liveness.stuck(GRACE)).toEqual([]);
    }
  });

  test("while a long run makes progress", () => {
    const { clock, liveness, run } = setUp();
    void run();
    for (let step = 0; step < 20; step++) {
      clock.advance(100);
      liveness.moved("send");
      liveness.moved("a lane that is not there");
      expect(liveness.stuck(GRACE)).toEqual([]);
    }
    clock.advance(131);
    expect(liveness.stuck(GRACE)).toEqual([{ lane: "send", running: true, seconds: 131 }]);
  });

  test("whatever the wall clock does", () => {
    const { clock, liveness } = setUp();
    clock.set(2_000_000_000);
    expect(liveness.stuck(GRACE)).toEqual([]);
    clock.set(0);
    expect(liveness.stuck(GRACE)).toEqual([]);
  });

  test("once it is watched again, as after a reload", () => {
    const { clock, liveness, run } = setUp();
    void run();
    clock.advance(1000);
    liveness.watch({ name: "send", every: 60, run: async () => {} });
    expect(liveness.stuck(GRACE)).toEqual([]);
    clock.advance(240);
    expect(liveness.stuck(GRACE)).toEqual([]);
  });
});
