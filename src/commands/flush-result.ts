import { formatBytes, formatCount } from "../terminal/quantities.ts";

/** What `flush` came to; the shape of `--json` (contract.md §3). */
export type FlushResult = {
  aggregated: { raw: number; points: number };
  delivered: { metrics: number; logs: number; bytes: number };
  /** Records in the queues; null where the storage does not tell any more. */
  remaining: { metrics: number | null; logs: number | null };
  dropped: { expired: number; rejected: number; malformed: number };
  outcome: "delivered" | "partial" | "failed";
  errors: string[];
};

/** The result for people: what was done, what is left, why, and what to type about it. */
export function formatFlush(
  { aggregated, delivered, remaining, dropped, outcome, errors }: FlushResult,
  dryRun: boolean,
): string {
  const lines = [
    `aggregated  ${formatCount(aggregated.raw, "raw metric")} into ${formatCount(aggregated.points, "point")}`,
    `delivered   ${formatCount(delivered.metrics, "point")} and ${formatCount(delivered.logs, "log")}, ${formatBytes(delivered.bytes)} on the wire`,
    remaining.metrics === null || remaining.logs === null
      ? "remaining   not known"
      : `remaining   ${formatCount(remaining.metrics, "metric")} and ${formatCount(remaining.logs, "log")}`,
  ];
  const { expired, rejected, malformed } = dropped;
  if (expired + rejected + malformed > 0)
    lines.push(
      `dropped     ${expired} expired, ${rejected} rejected by the intake, ${malformed} malformed${rejected + malformed > 0 && !dryRun ? " (to look at them: chouette inspect-queue rejected --peek 5)" : ""}`,
    );
  const all = expired + rejected + malformed === 0 ? "everything" : "what was not dropped";
  lines.push(`${endingOf(outcome, errors, all, dryRun)}
`);
  return lines.join("\n");
}

function endingOf(
  outcome: FlushResult["outcome"],
  errors: readonly string[],
  all: string,
  dryRun: boolean,
): string {
  const untouched = "this was a dry run: nothing has left this machine, and the queues are as they were";
  if (outcome === "delivered")
    return dryRun ? `${all} would be delivered; ${untouched}` : `${all} is delivered`;
  const why = `${outcome}: ${errors.join(`\n${" ".repeat(outcome.length + 2)}`)}`;
  return dryRun ? `${why}\n${untouched}` : why;
}
