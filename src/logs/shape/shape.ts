import type { LogLine, SourceOptions } from "../log-line.ts";
import { createLogBody } from "../record.ts";
import type { Mask } from "../text/mask.ts";
import { type Budget, spend } from "./budget.ts";
import { createFilter } from "./filter.ts";
import { createFolding, type Fold } from "./fold.ts";
import { limitLine, NO_RATE, nextMinute, type Rate } from "./rate.ts";

/** What one stream of lines remembers from one commit to the next. Plain data, kept with the position. */
export type ShapeState = { folds: readonly Fold[]; rate: Rate; counts: Counts };

/** Numbers since the source is followed, for `inspect-queue`. */
export type Counts = {
  /** Lines that were read, and those queued with the bytes of their records. */
  lines: number;
  queued: number;
  bytes: number;
  /** By level, include or exclude. */
  filtered: number;
  /** Lines that only repeat another. */
  folded: number;
  /** By the rate of the source, or by the budget of the day. */
  leftOut: number;
  /** Lines that were too long, and lost their end. */
  cut: number;
  /** Datagrams and files that were gone before they could be read. */
  lost: number;
};

export const NO_COUNTS: Counts = {
  lines: 0,
  queued: 0,
  bytes: 0,
  filtered: 0,
  folded: 0,
  leftOut: 0,
  cut: 0,
  lost: 0,
};

export const NEW_STATE: ShapeState = { folds: [], rate: NO_RATE, counts: NO_COUNTS };

/** A log that goes into the queue at that second. */
export type Shaped = { at: number; body: string };

export type ShapeDeps = {
  options: SourceOptions;
  mask: Mask;
  /** Bytes of logs for one day; Infinity: as many as come. */
  bytesPerDay: number;
};

export type ShapeResult = { state: ShapeState; budget: Budget; records: Shaped[]; news: string[] };

/** What leaves a stream: lines are masked, filtered, folded, limited and made records. Pure but for its arguments. */
export function createShape({ options, mask, bytesPerDay }: ShapeDeps) {
  const keep = createFilter(options);
  const isLimited = options.linesPerMinute !== undefined || options.bytesPerMinute !== undefined;
  return (
    before: ShapeState,
    budgetBefore: Budget,
    lines: readonly LogLine[],
    sourceTags: readonly string[],
    now: number,
  ): ShapeResult => {
    let { rate } = before;
    let budget = budgetBefore;
    const counts = { ...before.counts, lines: before.counts.lines + lines.length };
    const records: Shaped[] = [];
    const news: string[] = [];
    const logBody = createLogBody(options, sourceTags);

    const queue = (line: LogLine, body: string) => {
      records.push({ at: line.at, body });
      counts.queued++;
      counts.bytes += body.length;
    };
    const tell = (line: LogLine) => queue(line, logBody(line));
    const folding = createFolding(before.folds, tell);

    /** False when the minute or the day has no room for it. */
    const hasRoom = (line: LogLine, bytes: number): boolean => {
      if (isLimited) {
        const limited = limitLine(rate, bytes, now, options);
        rate = limited.rate;
        limited.told.forEach(tell);
        if (!limited.send) return false;
      }
      if (bytesPerDay === Number.POSITIVE_INFINITY) return true;
      const spent = spend(budget, line.status, bytes, now, bytesPerDay);
      budget = spent.budget;
      if (spent.news !== undefined) news.push(spent.news);
      return spent.send;
    };
    const take = (line: LogLine) => {
      if (options.fold && !folding.take(line, now)) {
        counts.folded++;
        return;
      }
      const body = logBody(line);
      if (hasRoom(line, body.length)) queue(line, body);
      else counts.leftOut++;
    };

    for (const line of lines) {
      const masked = masking(line, mask);
      if (keep(masked)) take(masked);
      else counts.filtered++;
    }
    folding.tellRipe(now);
    const minute = nextMinute(rate, now);
    minute.told.forEach(tell);
    return { state: { folds: folding.folds(), rate: minute.rate, counts }, budget, records, news };
  };
}

/** A JSON object that a mask breaks is sent as plain text. */
function masking(line: LogLine, mask: Mask): LogLine {
  const message = mask(line.message);
  if (message === line.message) return line;
  return { ...line, message, json: line.json && isJson(message) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
