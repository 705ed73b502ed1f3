import type { Delivery, Intake } from "../../src/datadog/delivery.ts";
import { createSend, type SendOptions } from "../../src/jobs/send.ts";
import type { SendDeps } from "../../src/jobs/send-report.ts";
import { metricsTrack } from "../../src/jobs/track.ts";
import { type TestClock, testClock } from "../helpers/clock.ts";
import { accepted, inTurn, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";

export const NOW = 1_591_541_275;
export const WRAPPED = "chouette:metrics:wrapped";
export const sender = { host: "pi", globalTags: ["env:test"] };
export const unheard: Delivery = { outcome: "retry", status: 0, error: "the network is down" };
export const forbidden: Delivery = { outcome: "hold", status: 403, error: "the API key is not valid" };

/** An intake that gives these answers, then accepts; it remembers what it was sent. */
export function answering(...answers: (Delivery | (() => Promise<Delivery>))[]) {
  const intake = memoryIntake(inTurn(...answers, accepted));
  const { bodies } = intake;
  const points = () => bodies.map(({ series }) => series.reduce((sum, { points }) => sum + points.length, 0));
  return { intake, bodies, points };
}

/** A sender of metrics with a storage and a clock of its own, and points in its queue. */
export function setUp(
  intake: Intake,
  more: Partial<SendDeps> & { clock?: TestClock; bulk?: number; refill?: () => Promise<boolean> } = {},
) {
  const clock = more.clock ?? testClock(NOW);
  const storage = more.storage ?? memoryStorage(clock.now);
  const deps: SendDeps = {
    storage,
    intake,
    clock,
    owner: "test",
    random: () => 0,
    releaseInterval: 60,
    selfMetrics: undefined,
    ...more,
  };
  const track = metricsTrack(sender, { version: 1, ttl: 14_400, bulk: more.bulk ?? 10_000 });
  const send = createSend(deps, { ...track, refill: more.refill });
  const release = (options: Partial<SendOptions> = {}, stop = new AbortController().signal) =>
    send(
      {
        seconds: 48,
        letFinish: false,
        attempts: Number.POSITIVE_INFINITY,
        patience: 0,
        longestPause: Number.POSITIVE_INFINITY,
        ...options,
      },
      stop,
    );
  const queue = (count: number, at = NOW - 60, prefix = "k") =>
    storage.commit({
      add: [
        {
          queue: WRAPPED,
          records: Array.from({ length: count }, (_, n) => ({
            key: `${prefix}${String(n).padStart(6, "0")}`,
            at: at + n / 1e6,
            body: JSON.stringify({ metric: `m${n}`, tags: [], points: [[at, n]], type: "gauge" }),
          })),
        },
      ],
    });
  return { clock, storage, release, queue };
}
