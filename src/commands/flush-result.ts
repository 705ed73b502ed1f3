import type { KeyAnswer } from "../datadog/delivery.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantities.ts";
import type { Closed } from "./ask-agent.ts";

/** Records in the queues, or things that were delivered; sketches are distributions. */
export type Waiting = {
  metrics: number;
  logs: number;
  distributions: number;
  events: number;
  checks: number;
};

/** The result of `flush`, in the shape of `--json` (contract.md §3). */
export type FlushResult = {
  aggregated: { raw: number; points: number };
  /** What the running agent had in memory, or in the queue, and closed because it was asked to; missing without an agent. */
  agent?: Closed;
  delivered: Waiting & { bytes: number };
  /** Records in the queues; null when the storage became unreachable. */
  remaining: Record<keyof Waiting, number | null>;
  /** `too_old`: metrics that Datadog would throw away (HISTORICAL_METRICS). */
  dropped: { expired: number; too_old: number; rejected: number; malformed: number };
  outcome: "delivered" | "partial" | "failed";
  errors: string[];
  /** What the site says about the API key; missing where deliveries said it. */
  key?: { site: string; answer: KeyAnswer["answer"] };
};

/** Adds what the site says about the API key, where nothing was there to be sent: one that refuses it, or is silent, is a failure. */
export function withKey(result: FlushResult, key: KeyAnswer | undefined, site: string): FlushResult {
  if (key === undefined) return result;
  const { answer } = key;
  const errors = answer === "refused" || answer === "silent" ? [key.error] : [];
  return {
    ...result,
    key: { site, answer },
    outcome: errors.length > 0 ? "failed" : result.outcome,
    errors: [...result.errors, ...errors],
  };
}

/** Formats the result for people: what was done, what remains and why, and what to type. */
export function formatFlush(
  { agent, aggregated, delivered, remaining, dropped, outcome, errors, key }: FlushResult,
  dryRun: boolean,
): string {
  const lines = [
    ...(agent === undefined || agent.raw + agent.series === 0
      ? []
      : [
          `agent       closed ${agent.series} series in memory and ${formatCount(agent.raw, "raw metric")} into ${formatCount(agent.points, "point")}`,
        ]),
    `aggregated  ${formatCount(aggregated.raw, "raw metric")} into ${formatCount(aggregated.points, "point")}`,
    `delivered   ${formatKinds(delivered, "point")}, ${formatBytes(delivered.bytes)} on the wire`,
    `remaining   ${formatKinds(remaining, "metric")}`,
  ];
  const { expired, too_old: tooOld, rejected, malformed } = dropped;
  const number = expired + tooOld + rejected + malformed;
  if (number > 0)
    lines.push(
      `dropped     ${expired} expired, ${tooOld === 0 ? "" : `${tooOld} too old for Datadog (HISTORICAL_METRICS), `}${rejected} rejected by the intake, ${malformed} malformed${rejected + malformed > 0 && !dryRun ? " (to see them: chouette inspect-queue rejected --peek 5)" : ""}`,
    );
  if (key?.answer === "accepted") lines.push(`key         accepted by ${printable(key.site)}`);
  if (key?.answer === "unknown")
    lines.push(`key         not known: ${printable(key.site)} does not say whether it accepts it`);
  const all = number === 0 ? "everything" : "everything else";
  lines.push(`${endingOf(outcome, errors, all, dryRun)}\n`);
  return lines.join("\n");
}

/** Formats numbers of metrics and logs, and of the others where there are any; "unknown" where a number is. */
function formatKinds(counts: Record<keyof Waiting, number | null>, ofMetrics: string): string {
  const { metrics, logs, distributions, events, checks } = counts;
  if (metrics === null || logs === null) return "unknown";
  const others = [
    distributions ? formatCount(distributions, "distribution") : "",
    events ? formatCount(events, "event") : "",
    checks ? formatCount(checks, "service check") : "",
  ].filter((text) => text !== "");
  const kinds = [formatCount(metrics, ofMetrics), formatCount(logs, "log"), ...others];
  return `${kinds.slice(0, -1).join(", ")} and ${kinds.at(-1)}`;
}

function endingOf(
  outcome: FlushResult["outcome"],
  errors: readonly string[],
  all: string,
  dryRun: boolean,
): string {
  const untouched = "dry run: nothing was sent, and the queues are unchanged";
  if (outcome === "delivered")
    return dryRun ? `${all} would be delivered; ${untouched}` : `${all} was delivered`;
  const why = `${outcome}: ${errors.map(printable).join(`\n${" ".repeat(outcome.length + 2)}`)}`;
  return dryRun ? `${why}\n${untouched}` : why;
}
