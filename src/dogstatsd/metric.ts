import { parseTags, parseTimestamp } from "./fields.ts";
import { parseNumber } from "./number.ts";

/** One metric line as written; packed values (`a:1:2|d`) share everything else. */
export type Sample = {
  metric: string;
  /** Fraction of the measurements that were sent, within (0, 1]; 1 when the line has a number outside. */
  rate: number;
  tags: string[];
  /** Unix seconds, at least 1; absent when the line has no `T` field. */
  timestamp?: number;
  /** Number of packed values left out because they are not finite, also after division by the rate. */
  lost: number;
} & ({ type: "c" | "g" | "h" | "d" | "ms"; values: number[] } | { type: "s"; values: string });

/**
 * Parses a line such as `page.load:320:280|ms|@0.1|#page:home|T1656581400`; undefined when it is not a metric. Fields after the
 * type come in any order, the last of a kind wins, unknown ones (also `c:`, `e:`, `card:` of origin detection) are ignored; a
 * rate or time that is not a number makes the line malformed. `+4` and `-4` are plain values, not changes of a gauge.
 */
export function parseMetric(line: string): Sample | undefined {
  const [head = "", type = "", ...fields] = line.split("|");
  const colon = head.indexOf(":");
  const text = head.slice(colon + 1);
  if (colon < 1 || text === "") return undefined;

  const sample = { metric: head.slice(0, colon), rate: 1, tags: [] as string[], lost: 0 };
  let time: { timestamp?: number } = {};
  for (const field of fields) {
    const value = field.slice(1);
    if (field.startsWith("#")) sample.tags = parseTags(value);
    else if (field.startsWith("@")) {
      const rate = parseNumber(value);
      if (rate === undefined) return undefined;
      sample.rate = rate > 0 && rate <= 1 ? rate : 1;
    } else if (field.startsWith("T")) {
      const timestamp = parseTimestamp(value);
      if (timestamp === undefined) return undefined;
      time = { timestamp };
    }
  }

  if (type === "s") return { ...sample, ...time, type, values: text };
  if (!isNumeric(type)) return undefined;
  const numbers = parseNumbers(text);
  const values = numbers?.filter((value) => Number.isFinite(value / sample.rate)) ?? [];
  if (numbers === undefined || values.length === 0) return undefined;
  return { ...sample, ...time, type, values, lost: numbers.length - values.length };
}

function isNumeric(type: string): type is "c" | "g" | "h" | "d" | "ms" {
  return ["c", "g", "h", "d", "ms"].includes(type);
}

/** Parses `1.5:2::3` into 1.5, 2, 3; undefined when an item is not a number. */
function parseNumbers(text: string): number[] | undefined {
  const numbers = text
    .split(":")
    .filter((item) => item !== "")
    .map(parseNumber);
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}
