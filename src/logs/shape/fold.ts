import type { LogLine } from "../log-line.ts";
import type { Status } from "../text/status.ts";

/** The last line of one service, and how often it came again since that was last sent. Plain data, kept with the position. */
export type Fold = {
  service: string;
  status: Status | undefined;
  /** Hash of the text: the text itself would not fit into a note. */
  hash: number;
  length: number;
  repeats: number;
  /** Unix seconds: the time of the last repeat, and when the first came since repeats were last sent. */
  at: number;
  since: number;
};

/** Services that are remembered: the journal mixes the lines of many. */
const MOST = 8;

/** Seconds after which repeats are sent although the line still comes. */
const PATIENCE = 60;

/** Characters of a service's name that are kept in a note. */
const LONGEST = 64;

/**
 * Takes a line at `now` (Unix seconds): `send` is false when it repeats the last one of its service. `told` are the lines about repeats that end with
 * it, as syslogd writes them: `last message repeated 57 times`.
 */
export function foldLine(
  folds: readonly Fold[],
  line: LogLine,
  now: number,
): { folds: readonly Fold[]; told: LogLine[]; send: boolean } {
  const service = (line.service ?? "").slice(0, LONGEST);
  const hash = hashOf(line.message);
  const last = folds.find((fold) => fold.service === service);
  const others = folds.filter((fold) => fold !== last);
  const isRepeat = last?.hash === hash && last.length === line.message.length && last.status === line.status;
  if (last !== undefined && isRepeat) {
    const since = last.repeats === 0 ? now : last.since;
    const repeated = { ...last, repeats: last.repeats + 1, at: line.at, since };
    return { folds: [repeated, ...others], told: [], send: false };
  }
  const next: Fold = {
    service,
    status: line.status,
    hash,
    length: line.message.length,
    repeats: 0,
    at: line.at,
    since: now,
  };
  const kept = others.slice(0, MOST - 1);
  const forgotten = [...(last === undefined ? [] : [last]), ...others.slice(MOST - 1)];
  return { folds: [next, ...kept], told: tell(forgotten), send: true };
}

/** Returns the lines about repeats that have waited for a minute. `now` is in Unix seconds. */
export function ripeFolds(folds: readonly Fold[], now: number): { folds: readonly Fold[]; told: LogLine[] } {
  const isRipe = (fold: Fold) => fold.repeats > 0 && Math.abs(now - fold.since) >= PATIENCE;
  const ripe = folds.filter(isRipe);
  if (ripe.length === 0) return { folds, told: [] };
  return { folds: folds.map((fold) => (isRipe(fold) ? { ...fold, repeats: 0 } : fold)), told: tell(ripe) };
}

function tell(folds: readonly Fold[]): LogLine[] {
  return folds
    .filter(({ repeats }) => repeats > 0)
    .map(({ service, status, repeats, at }) => ({
      message: `last message repeated ${repeats === 1 ? "once" : `${repeats} times`}`,
      json: false,
      at,
      status,
      service: service === "" ? undefined : service,
    }));
}

/** FNV-1a over UTF-16 units, 32 bits; the length is compared too. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
