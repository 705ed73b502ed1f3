import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PluginError } from "../../../src/errors.ts";
import { shapeOutput } from "../../../src/plugins/exec/output.ts";
import type { Capture } from "../../../src/plugins/plugin.ts";

const AT = 1_700_000_000.75;
const SECOND = 1_700_000_000;
const REMEDY =
  "Print one metric a line: room.temperature:21.5|g|#room:attic for a gauge, door.opened:1|c for a count.";

test("gauges and counts become points of the capture's second", () => {
  expect(shape("room.temperature:21.5|g|#room:attic,floor:2,floor:2", "door.opened:3|c", "zero:0|g")).toEqual(
    {
      points: [
        {
          metric: "room.temperature",
          tags: ["floor:2", "room:attic"],
          timestamp: SECOND,
          value: 21.5,
          type: "gauge",
        },
        { metric: "door.opened", tags: [], timestamp: SECOND, value: 3, type: "count", interval: 30 },
        { metric: "zero", tags: [], timestamp: SECOND, value: 0, type: "gauge" },
      ],
    },
  );
});

describe("a series has one value at a second", () => {
  test("the last of a gauge", () => {
    expect(shape("a:1|g|#x,y", "a:2:3|g|#y,x").points).toEqual([
      { metric: "a", tags: ["x", "y"], timestamp: SECOND, value: 3, type: "gauge" },
    ]);
  });

  test("the sum of a count, divided by its rate", () => {
    expect(shape("a:1:2|c", "a:1|c|@0.1").points).toEqual([
      { metric: "a", tags: [], timestamp: SECOND, value: 13, type: "count", interval: 30 },
    ]);
  });

  test("and values of other seconds, tags or types are others", () => {
    const values = shape("a:1|g", "a:4|c", "a:2|g|#x", `a:3|g|T${SECOND - 60}`).points.map(
      ({ timestamp, value }) => [SECOND - timestamp, value],
    );
    expect(values).toEqual([
      [0, 1],
      [0, 4],
      [0, 2],
      [60, 3],
    ]);
  });
});

describe("a line that is neither a gauge nor a count goes into the windows of applications as it is", () => {
  test.each(["a:1|h", "a:1|ms|@0.1", "a:1|d", "a:1|s", "_e{1,1}:a|b", "_sc|a|0"])("%s", (line) => {
    expect(shape(line)).toEqual({ points: [], lines: [line] });
  });
});

describe("a line that cannot be sent costs only itself", () => {
  test.each(["hello", "a:x|g", "a:NaN|g", "a:18446744073709551615|g"])("%s", (line) => {
    const reason = (lines: number) => stringContaining(`1 of ${lines} lines `, JSON.stringify(line));
    expect(shape("good:1|g", line)).toEqual({
      points: [{ metric: "good", tags: [], timestamp: SECOND, value: 1, type: "gauge" }],
      reason: reason(2),
      remedy: REMEDY,
    });
    expect(refusal(line)).toEqual({ message: reason(1), remedy: REMEDY });
  });

  test("also where a part of it is good", () => {
    const { points, reason } = shape("a:1:inf|g");
    expect(points.map(({ value }) => value)).toEqual([1]);
    expect(reason).toEqual(stringContaining("1 of 1 lines ", '"a:1:inf|g"'));
  });

  test("and a long one is not repeated in full", () => {
    expect(refusal("x".repeat(5000)).message).toMatch(/ "x{100}"$/);
  });

  test("also where only a part of its sum is below 2^63", () => {
    const { points, reason } = shape("a:6e18:6e18|c");
    expect(points.map(({ value }) => value)).toEqual([6e18]);
    expect(reason).toEqual(stringContaining("1 of 1 lines ", '"a:6e18:6e18|c"'));
  });

  test("a count that would reach 2^63", () => {
    const { points, reason } = shape("a:6e18|c", "a:6e18|c");
    expect(points.map(({ value }) => value)).toEqual([6e18]);
    expect(reason).toEqual(stringContaining("1 of 2 lines ", '"a:6e18|c"'));
  });

  function stringContaining(count: string, line: string): string {
    return expect.stringMatching(new RegExp(`^${count}.*${line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`));
  }
});

test("printing nothing is not an error", () => {
  expect(shape()).toEqual({ points: [], reason: "the command printed nothing", remedy: REMEDY });
});

test("however many series there are, it is not for the parser to leave some out", () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `a:1|c|#n:${index}`);
  expect(shape(...lines, ...lines).points).toHaveLength(3000);
});

test("the sum of the points of a count is the sum of what was printed", () => {
  const line = fc.record({ tag: fc.constantFrom("x", "y"), value: fc.integer({ min: -1000, max: 1000 }) });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (printed) => {
      const { points } = shape(...printed.map(({ tag, value }) => `a:${value}|c|#${tag}`));
      const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
      expect(total(points.map(({ value }) => value))).toBe(total(printed.map(({ value }) => value)));
    }),
  );
});

test("good lines give the same points whatever rubbish stands between them", () => {
  const rubbish = fc.string({ unit: "binary" }).filter((text) => !/\|\s*[gc]/.test(text));
  fc.assert(
    fc.property(fc.array(rubbish), (noise) => {
      expect(shape("a:1|g", ...noise, "b:2|c").points).toEqual(shape("a:1|g", "b:2|c").points);
    }),
  );
});

function shape(...lines: string[]): Capture {
  return shapeOutput(lines, AT, 30);
}

function refusal(...lines: string[]): { message: string; remedy: string } {
  try {
    throw new Error(`no refusal but ${JSON.stringify(shape(...lines))}`);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { message: error.message, remedy: error.remedy };
  }
}
