import { liveWindows } from "../../src/aggregate/live-windows.ts";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import type { Point } from "../../src/model.ts";
import { createDeviceClock } from "../../src/schedule/device-clock.ts";
import { type Job, runLane } from "../../src/schedule/lane.ts";
import { appJobs, appWrapper } from "../../src/start/components.ts";
import { load } from "../config/load.ts";
import { type ManualClock, manualClock } from "../helpers/clock.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { PACE } from "../helpers/pace.ts";

/** The right time when a test begins, and when this version was built. */
export const NOON = 1_780_000_020;
export const BUILT = NOON - 86_400 * 30;

export const unreachable: Delivery = { outcome: "retry", status: 0, error: "the network is down" };

export type Device = Awaited<ReturnType<typeof device>>;

/** A device in memory whose clock begins at `shows`, and whose plugin counts its captures; nothing runs unless it is told to. */
export async function device(shows: number, storage = memoryStorage(), bootId = "boot-1") {
  const manual = manualClock(shows);
  const machine: ManualClock = {
    ...manual,
    sleep: async (seconds, signal) => (seconds === 0 ? undefined : manual.sleep(seconds, signal)),
  };
  const facts = { synchronized: false };
  const begin = machine.monotonic();
  /** The right time, whatever the clock shows. */
  const time = () => NOON + machine.monotonic() - begin;
  const clock = createDeviceClock(machine, {
    synchronized: () => facts.synchronized,
    boot: { id: bootId, up: -begin },
    builtAt: BUILT,
  });
  const network = { up: true, date: (): number | undefined => time() };
  const memory = memoryIntake(() => (network.up ? accepted : unreachable));
  const intake = {
    ...memory,
    post: async (...request: Parameters<typeof memory.post>) => {
      const answer = await memory.post(...request);
      if (network.up) clock.heard({ type: "answered", date: network.date() });
      return answer;
    },
  };
  const config = load({ HOST: "pi4", SEND_SELF_METRICS: "false" });
  const wrapper = await appWrapper(config, async () => {});
  const live = liveWindows({ interval: config.aggregateInterval, keeps: wrapper.keeps, maxSeries: 100 });
  let captures = 0;
  const collector = {
    collect: async (at: number): Promise<{ points: Point[] }> => ({
      points: [
        { metric: "captures", tags: [], timestamp: at, value: ++captures, type: "count", interval: 30 },
      ],
    }),
  };
  const plugins = [supervise("test", collector, clock, { seconds: 10, maxPoints: 10 })];
  const parts = {
    clock,
    trust: clock.trust,
    storage,
    intake,
    outbox: createOutbox(),
    plugins,
    wrapper,
    live,
  };
  const logged: string[] = [];
  const jobs = appJobs(config, parts, PACE, {
    plugin: () => {},
    aggregating: () => {},
    aggregated: () => {},
    sending: () => {},
    sent: () => {},
    repaired: (what) => logged.push(what),
    manyTags: () => {},
  });
  const errors: unknown[] = [];
  const run = (job: Job) =>
    runLane(job, only(clock.now()), new AbortController().signal, (_, error) => {
      if (error !== undefined) errors.push(error);
    });
  return {
    machine,
    clock,
    facts,
    network,
    storage,
    live,
    logged,
    errors,
    time,
    /** What was sent by metric, in the order of time. */
    points: () =>
      Object.fromEntries(
        Object.entries(memory.points).map(([metric, points]) => [
          metric,
          points.toSorted(([a], [b]) => a - b),
        ]),
      ),
    requests: () => memory.bodies.length,
    capture: () => run(jobs.collect),
    aggregate: () => run(jobs.aggregate),
    release: async () => {
      for (const job of jobs.sends) await run(job);
    },
  };
}

/** Captures every 30 s, `count` times. */
export async function capture(
  { machine, capture }: { machine: ManualClock; capture(): Promise<unknown> },
  count: number,
) {
  for (let n = 0; n < count; n++) {
    await capture();
    machine.advance(30);
  }
}

async function* only(at: number): AsyncGenerator<number> {
  yield at;
}
