import type { SendReport } from "../jobs/send-report.ts";
import type { Clock } from "../schedule/clock.ts";
import { printable } from "../terminal/printable.ts";

/** The line about a running agent that `systemctl status` shows. */
export type StatusLine = {
  sent(report: SendReport): void;
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
  return {
    sent({ track, delivered, remaining, failure }) {
      const before = failing.has(track);
      const at = `at ${new Date(now() * 1000).toISOString().slice(11, 19)} UTC`;
      if (failure !== undefined) {
        const error = printable(failure.error.slice(0, LONGEST));
        tracks.set(track, `${remaining} queued, delivery failed ${at}: ${error}`);
        failing.add(track);
      } else if (failing.delete(track) || delivered > 0)
        tracks.set(track, `${delivered} sent ${at}, ${remaining} queued`);
      if (before === failing.has(track)) return;
      turn.abort();
      turn = new AbortController();
    },
    turn: () => turn.signal,
    text() {
      if (tracks.size === 0) return "nothing sent yet";
      return [...tracks].map(([track, words]) => `${track}: ${words}`).join("; ");
    },
  };
}
