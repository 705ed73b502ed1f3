import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLog, withTime } from "../../src/records/log.ts";

describe("parseLog", () => {
  test.each([
    ['{"message": "text"}', { message: "text" }],
    ['{"value": NaN, "text": "NaN"}', { value: null, text: "NaN" }],
    ["{}", {}],
  ])("%s", (body, log) => {
    expect(parseLog(body)).toEqual(log);
  });

  test.each(["", "text", "null", "12", '"text"', "[]", '[{"message": "text"}]', '{"message": "te'])(
    "%p is not a log",
    (body) => {
      expect(parseLog(body)).toBeUndefined();
    },
  );
});

test("a log that nests deeper than 100 levels, or is 4.9 MB of brackets, is not read", () => {
  expect(parseLog(`{"a": ${"[".repeat(45_000)}${"]".repeat(45_000)}}`)).toBeUndefined();
  expect(parseLog("[".repeat(4_900_000))).toBeUndefined();
});

test("no text makes it throw", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (body) => void parseLog(body)));
});

describe("a log without a date of its own gets the time of its record", () => {
  const AT = 1591541270.9985;

  test.each(["{}", '{"message": "a"}', '{"date": null}', '{"date": ""}', '{"timestamp": {}, "date": []}'])(
    "%s",
    (body) => {
      const log = parseLog(body) ?? {};
      expect(withTime(log, AT)).toEqual({ ...log, timestamp: 1591541270999 });
    },
  );

  test.each([
    '{"date": "2020-06-07T15:07:50.997857+00:00"}',
    '{"timestamp": 1591541270997}',
    '{"timestamp": 1591541270997000000}',
    '{"eventTime": "2020-06-07"}',
  ])("but not %s", (body) => {
    const log = parseLog(body) ?? {};
    expect(withTime(log, AT)).toEqual(log);
  });

  test("a time that is not in Unix seconds is ignored", () => {
    for (const at of [0, -1, AT * 1000, Number.POSITIVE_INFINITY]) expect(withTime({}, at)).toEqual({});
  });
});
