import { describe, expect, test } from "bun:test";
import { describeSample } from "../../src/commands/queue-sample.ts";
import type { QueueName } from "../../src/storage/storage.ts";

const RAW = "chouette:metrics:raw";
const WRAPPED = "chouette:metrics:wrapped";
const LOGS = "chouette:logs:wrapped";

const record = (body: string | undefined, bytes: number) => ({ key: "k", at: 0, body, bytes });
const raw = (metric: string, value: unknown = 1) =>
  JSON.stringify({ metric, type: "count", value, timestamp: 1, tags: {} });
const metrics = (name: string, count: number) => Array(count).fill(record(raw(name), 10));

test("an empty queue", () => {
  expect(describeSample(RAW, [], 0)).toEqual({ bytes: 0, malformed: 0, top: [], sampled: 0 });
});

describe("the name of a record, undefined when it is malformed", () => {
  const point = '{"metric":"a","tags":["b:c"],"points":[[1,2]],"type":"count","interval":10}';
  test.each<[QueueName, string | undefined, string | undefined]>([
    [RAW, raw("a"), "a"],
    [RAW, raw("a").replace(":1,", ":NaN,"), undefined],
    [RAW, '{"type":"count","value":1,"timestamp":1,"tags":{}}', undefined],
    [RAW, "[1]", undefined],
    [RAW, "null", undefined],
    [RAW, "nonsense", undefined],
    [RAW, undefined, undefined],
    [RAW, raw("a").replace("{}", `${"[".repeat(45_000)}${"]".repeat(45_000)}`), undefined],
    [WRAPPED, point, "a"],
    [WRAPPED, raw("a"), undefined],
    [WRAPPED, "{", undefined],
    [WRAPPED, "[".repeat(4_900_000), undefined],
    [LOGS, '{"service":"my-app","message":"x"}', "my-app"],
    [LOGS, '{"message":"x","exc_info":NaN}', "(no service)"],
    [LOGS, '{"service":""}', "(no service)"],
    [LOGS, '{"service":7}', "(no service)"],
    [LOGS, `{"service":"${"s".repeat(300)}"}`, "s".repeat(200)],
    [LOGS, '"text"', undefined],
    [LOGS, "[".repeat(4_900_000), undefined],
    [LOGS, undefined, undefined],
    [
      `${RAW}:rejected`,
      '{"reason":"it is not a record of this queue","record":"{"}',
      "it is not a record of this queue",
    ],
    [`${LOGS}:rejected`, "{}", "(no reason)"],
    [`${WRAPPED}:rejected`, "nonsense", undefined],
  ])("%s %p: %p", (queue, body, name) => {
    expect(describeSample(queue, [record(body, 9)], 1)).toEqual({
      bytes: 9,
      malformed: name === undefined ? 1 : 0,
      top: name === undefined ? [] : [{ name, count: 1 }],
      sampled: 1,
    });
  });
});

test("the five most frequent names come first, ties in alphabetical order", () => {
  const records = ["f", "b", "d", "a", "c", "e"].flatMap((name, index) => metrics(name, index === 0 ? 3 : 2));
  expect(describeSample(RAW, records, 13).top).toEqual([
    { name: "f", count: 3 },
    { name: "a", count: 2 },
    { name: "b", count: 2 },
    { name: "c", count: 2 },
    { name: "d", count: 2 },
  ]);
});

test("sizes are extrapolated when only some records were read, counts of names are not", () => {
  const records = [...metrics("a", 3), record("nonsense", 10)];
  expect(describeSample(RAW, records, 10)).toEqual({
    bytes: 100,
    malformed: 3,
    top: [{ name: "a", count: 3 }],
    sampled: 4,
  });
});

test("a queue that shrank meanwhile is reported with at least the records that were read", () => {
  expect(describeSample(RAW, metrics("a", 4), 2)).toEqual({
    bytes: 40,
    malformed: 0,
    top: [{ name: "a", count: 4 }],
    sampled: 4,
  });
});
