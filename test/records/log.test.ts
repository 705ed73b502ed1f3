import { describe, expect, test } from "bun:test";
import { parseLog } from "../../src/records/log.ts";

describe("parseLog", () => {
  test.each([
    ['{"message": "text"}', { message: "text" }],
    ['{"value": NaN, "text": "NaN"}', { value: null, text: "NaN" }],
    ["{}", {}],
  ])("%s", (body, log) => {
    expect(parseLog(body)).toEqual(log);
  });

  test.each(["", "text", "null", "12", '"text"', "[]", '[{"message": "text"}]', '{"message": "te'])(
    "%p is no log",
    (body) => {
      expect(parseLog(body)).toBeUndefined();
    },
  );
});
