import { readFileSync } from "node:fs";
import type { Datagram } from "../../src/dogstatsd/datagram.ts";
import type { Sample } from "../../src/dogstatsd/metric.ts";
import type { Event, ServiceCheck } from "../../src/model.ts";

/** A datagram of the captured table: test cases of seven public parsers, their results, and where they disagree. */
export type Case = {
  name: string;
  datagram: Uint8Array;
  ambiguous: boolean;
  /** The expected result. */
  expected: Datagram;
};

const path = new URL("../fixtures/dogstatsd/cases.jsonl", import.meta.url);

/** All captured cases, in the order of the file. */
export const cases: readonly Case[] = readFileSync(path, "utf8").trim().split("\n").map(readCase);

type Line = {
  datagram: string | null;
  datagram_b64?: string;
  valid: boolean;
  ambiguous?: boolean;
  expect: Message & { reason?: string; messages?: Message[] };
};

type Message = { kind: string; tags: string[] } & Record<string, unknown>;

function readCase(text: string): Case {
  const line = JSON.parse(text) as Line;
  const datagram = line.datagram ?? Buffer.from(line.datagram_b64 ?? "", "base64");
  const messages = line.valid ? (line.expect.messages ?? [line.expect]) : [];
  return {
    name: `${JSON.stringify(line.datagram ?? line.datagram_b64)}${line.valid ? "" : ` (${line.expect.reason})`}`,
    datagram: Buffer.from(datagram),
    ambiguous: line.ambiguous === true,
    expected: {
      metrics: messages.filter(({ kind }) => kind === "metric").map(toSample),
      events: messages.filter(({ kind }) => kind === "event").map(toEvent),
      checks: messages.filter(({ kind }) => kind === "service_check").map(toCheck),
      malformed: line.valid ? 0 : 1,
    },
  };
}

function toSample({ name, type, values, set_value, sample_rate, tags, timestamp }: Message): Sample {
  return {
    metric: name,
    type,
    values: type === "s" ? set_value : values,
    rate: sample_rate,
    tags,
    ...given({ timestamp }),
    lost: 0,
  } as Sample;
}

function toEvent(message: Message): Event {
  return {
    title: message.title,
    text: message.text,
    tags: message.tags,
    ...given({
      timestamp: message.timestamp,
      host: message.hostname,
      priority: message.priority,
      alertType: message.alert_type,
      aggregationKey: message.aggregation_key,
      sourceType: message.source_type,
    }),
  } as Event;
}

function toCheck({ name, status, tags, timestamp, hostname, message }: Message): ServiceCheck {
  return { name, status, tags, ...given({ timestamp, host: hostname, message }) } as ServiceCheck;
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
