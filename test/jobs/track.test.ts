import { describe, expect, test } from "bun:test";
import { logsTrack, metricsTrack } from "../../src/jobs/track.ts";

const sender = { host: "pi", globalTags: ["env:test"] };
const AT = 1_591_541_270.5;

describe("the track of metrics", () => {
  const { parse } = metricsTrack(sender, { version: 2, ttl: 14_400, bulk: 10_000 });
  const record = (count: number) =>
    JSON.stringify({ metric: "m", points: Array.from({ length: count }, (_, second) => [second, 1]) });

  test("weighs a record by its points", () => {
    expect(parse(record(3), AT)).toMatchObject([{ weight: 3 }]);
  });

  test("refuses a record with more points than the intake takes in one request, and says how many", () => {
    expect(parse(record(10_000), AT)).toMatchObject([{ weight: 10_000 }]);
    expect(() => parse(record(10_001), AT)).toThrow("it has 10001 points, and the intake takes 10000");
  });
});

describe("the track of logs", () => {
  const { parse, encoding } = logsTrack(sender, { version: 2, ttl: 64_800 });
  const sent = (...bodies: string[]) =>
    encoding.encode(bodies.flatMap((body) => parse(body, AT)?.map(({ value }) => value) ?? []));

  test("sends logs as one array, those without a date with the time of their records", () => {
    expect(sent()).toBe("[]");
    expect(sent('{"message": "a"}', '{"date": "2020-06-07T15:07:50Z", "hostname": "own"}')).toBe(
      '[{"message":"a","timestamp":1591541270500,"ddtags":"env:test","hostname":"pi"},' +
        '{"date":"2020-06-07T15:07:50Z","hostname":"own","ddtags":"env:test"}]',
    );
  });

  test("keeps the encoded text of a log, not its values", () => {
    expect(parse('{"a":[{},{}]}', 0)).toEqual([
      { value: '{"a":[{},{}],"ddtags":"env:test","hostname":"pi"}', weight: 1 },
    ]);
  });

  test("refuses a log over a megabyte that has no message to cut", () => {
    expect(() => parse(`{"x": "${"y".repeat(999_980)}"}`, AT)).toThrow(/the log is 100\d{4} bytes/);
  });
});
