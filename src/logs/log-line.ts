import type { Status } from "./text/status.ts";

/** One log of the device on its way into the queue. */
export type LogLine = {
  /** The text of the log; the text of a JSON object where `json` is set. */
  message: string;
  json: boolean;
  /** Unix seconds: of the log itself where it says so, else of its arrival. */
  at: number;
  /** Undefined where the log does not tell its level. */
  status: Status | undefined;
  service?: string | undefined;
  /** The process that wrote it, as text. */
  pid?: string | undefined;
  /** The device that wrote it, where that is another one. */
  host?: string | undefined;
  /** `key:value`, besides those of its source. */
  tags?: readonly string[] | undefined;
};

/** What the owner chose for a source: names of its logs, and how much of them is sent. */
export type SourceOptions = {
  service?: string | undefined;
  source?: string | undefined;
  tags: readonly string[];
  /** The lowest level that is sent. */
  level?: Status | undefined;
  /** Only lines in which one of these is found, and none of `exclude`. Patterns in RE2's syntax. */
  include: readonly string[];
  exclude: readonly string[];
  /** What a minute may hold; undefined: anything. */
  linesPerMinute?: number | undefined;
  bytesPerMinute?: number | undefined;
  /** Whether a line that repeats the previous one is counted instead of sent. */
  fold: boolean;
};
