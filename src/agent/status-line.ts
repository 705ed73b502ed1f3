import type { Delivery, Intake } from "../datadog/delivery.ts";
import type { SendReport } from "../jobs/send-report.ts";
import type { Clock } from "../schedule/clock.ts";
import { printable } from "../terminal/printable.ts";

/** The line about a running agent that `systemctl status` shows. */
export type StatusLine = {
  sent(report: SendReport): void;
  /** Returns the intake, whose first failure is news at once: a release tries for a while before it reports. */
  watch(intake: Intake): Intake;
  /** Returns `metrics: 42 sent at 12:01:05 UTC, 0 queued`, without querying the storage. */
  text(): string;
  /** Aborts when a track begins to fail, or works again. */
  turn(): AbortSignal;
};

/** Characters of an error message that are kept. */
const LONGEST = 200;

export function createStatusLine({ now }: Pick<Clock, "now">): StatusLine {
  const tracks = new Map<SendReport["track"], string>();
  const failing = new Set<SendReport["track"]>();
  let turn = new AbortController();
  const at = () => `at ${new Date(now() * 1000).toISOString().slice(11, 19)} UTC`;
  const because = ({ error }: Delivery) => printable(error.slice(0, LONGEST));
  const turned = () => {
    turn.abort();
    turn = new AbortController();
  };
  const failed = (track: SendReport["track"], delivery: Delivery) => {
    if (failing.has(track)) return;
    tracks.set(track, `delivery failed ${at()}: ${because(delivery)}`);
    failing.add(track);
    turned();
  };
  return {
    watch: (intake) => ({
      ...intake,
      post: async (...request) => {
        const delivery = await intake.post(...request);
        const [track] = request;
        const isFailure = delivery.outcome === "retry" || delivery.outcome === "hold";
        if (isFailure) failed(track === "series" ? "metrics" : track, delivery);
        return delivery;
      },
    }),
    sent({ track, delivered, remaining, failure }) {
      const before = failing.has(track);
      if (failure !== undefined) {
        tracks.set(track, `${remaining} queued, delivery failed ${at()}: ${because(failure)}`);
        failing.add(track);
      } else if (failing.delete(track) || delivered > 0)
        tracks.set(track, `${delivered} sent ${at()}, ${remaining} queued`);
      if (before !== failing.has(track)) turned();
    },
    turn: () => turn.signal,
    text() {
      if (tracks.size === 0) return "nothing sent yet";
      return [...tracks].map(([track, words]) => `${track}: ${words}`).join("; ");
    },
  };
}
