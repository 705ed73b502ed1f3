import type { Encoding } from "../datadog/deliver.ts";
import { encodeLogs, parseLog } from "../datadog/logs.ts";
import { limitsOf } from "../datadog/payload.ts";
import { encodeSeries } from "../datadog/series.ts";
import { parsePoint } from "../datadog/wrapped-point.ts";
import type { Point } from "../model.ts";
import type { DataQueue } from "../storage/storage.ts";

/** What is sent on one of the two ways to Datadog: from which queue, how it is read and how it is encoded. */
export type Track<T> = {
  name: "metrics" | "logs";
  queue: DataQueue;
  /** Records read at a time. */
  bulk: number;
  /** Seconds after which a record is not sent any more. */
  ttl: number;
  /** What the record holds and how many things that is; undefined when it cannot be read. */
  parse(body: string): { value: T; weight: number } | undefined;
  encoding: Encoding<T>;
};

export type Sender = { host: string; globalTags: readonly string[] };
