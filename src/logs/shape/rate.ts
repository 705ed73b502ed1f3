import type { LogLine, SourceOptions } from "../log-line.ts";

/** What a source sent in the current minute, and what was left out. Plain data, kept with the position. */
export type Rate = { minute: number; lines: number; bytes: number; leftOut: number };

export const NO_RATE: Rate = { minute: 0, lines: 0, bytes: 0, leftOut: 0 };

/** Takes one line of so many bytes at `now` (Unix seconds); `send` is false when the minute is full. */
export function limitLine(
  rate: Rate,
  bytes: number,
  now: number,
  { linesPerMinute = Infinity, bytesPerMinute = Infinity }: SourceOptions,
): { rate: Rate; told: LogLine[]; send: boolean } {
  const { rate: current, told } = nextMinute(rate, now);
  const isFull = current.lines >= linesPerMinute || current.bytes + bytes > bytesPerMinute;
  return isFull
    ? { rate: { ...current, leftOut: current.leftOut + 1 }, told, send: false }
    : { rate: { ...current, lines: current.lines + 1, bytes: current.bytes + bytes }, told, send: true };
}

/** Begins a minute when another one has come, whichever way the clock went; `told` says what the last one left out. */
export function nextMinute(rate: Rate, now: number): { rate: Rate; told: LogLine[] } {
  const minute = Math.floor(now / 60);
  if (minute === rate.minute) return { rate, told: [] };
  const told = rate.leftOut === 0 ? [] : [leftOut(rate.leftOut, now)];
  return { rate: { ...NO_RATE, minute }, told };
}

function leftOut(lines: number, at: number): LogLine {
  return { message: `${lines} ${lines === 1 ? "line" : "lines"} left out`, json: false, at, status: "warn" };
}
