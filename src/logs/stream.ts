import type { LogLine, SourceOptions } from "./log-line.ts";

/** What a stream gave: lines, and the position behind them that is stored together with them. */
export type Batch = {
  lines: LogLine[];
  /** Lines that lost their end, and what was gone before it could be read, see `lossOf`. */
  cut: number;
  lost: number;
  /** Plain data for a note; undefined where nothing can be read again. */
  position: unknown;
  /** Bytes that wait where they come from. */
  waiting: number;
};

/** Lines in their order, from one file, the journal or one socket. */
export type Stream = {
  /** Name as in `inspect-queue`, e.g. `file:/var/log/syslog`. */
  name: string;
  /** Tags of all its lines besides those of the source. */
  tags: readonly string[];
  /** True where what is not read stays where it is, as in a file. */
  canWait: boolean;
  /** Says what was lost when a batch counts so much of it. */
  lossOf(count: number): string;
  /** Takes at most about so many bytes of lines. `monotonic` and `now` are seconds. */
  read(maxBytes: number, monotonic: number, now: number): Batch;
};

export type Problem = { what: string; reason: string; remedy: string; isTaken?: boolean };

/** Gives back the position that was stored for a stream; undefined for one that was never read. */
export type FindPosition = (name: string) => Promise<unknown>;

/** One entry of the configuration. */
export type Source = {
  /** Name as in `inspect-queue`. */
  name: string;
  options: SourceOptions;
  /** Returns the streams that there are now; opens new ones at the positions that were stored. */
  streams(find: FindPosition, monotonic: number): Promise<readonly Stream[]>;
  /** What keeps it from being read, and what to type; `isTaken`: another process listens at its address. */
  problems(): readonly Problem[];
  close(): Promise<void>;
};
