import { parseJson } from "../../src/json/parse-json.ts";

/** Series of the application; each record of a series is one bit of its sum, so that a sum says what is in it. */
const SERIES = 8;
const BITS = 50;

/** Everything that was made so far. */
export type Account = {
  /** What applications and plugins made, in its order: each arrives once, or is counted. */
  made: Map<string, number>;
  /** The next of a kind; `undefined` when the series are full. */
  count(): { series: number; value: number } | undefined;
  capture(): number;
  log(): string;
  malformed(): string;
};

export function createAccount(): Account {
  const made: Account["made"] = new Map();
  const numbers: Record<string, number> = {};
  const next = (kind: string) => {
    const number = numbers[kind] ?? 0;
    numbers[kind] = number + 1;
    made.set(`${kind} ${number}`, made.size);
    return number;
  };
  return {
    made,
    count: () => {
      if ((numbers.count ?? 0) >= SERIES * BITS) return undefined;
      const number = next("count");
      return { series: number % SERIES, value: 2 ** Math.floor(number / SERIES) };
    },
    capture: () => next("capture"),
    log: () => `log ${next("log")}`,
    malformed: () => `malformed ${next("malformed")}`,
  };
}

/** The records of the application that a value of its series is the sum of. */
export function countsIn(series: number, value: number): string[] {
  const ids: string[] = [];
  for (let bit = 0, rest = value; rest >= 1; bit++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) ids.push(`count ${bit * SERIES + series}`);
  return ids;
}

/** What the text of a record in a queue holds, in whatever queue it lies. */
export function idsIn(text: string): string[] {
  const malformed = /malformed \d+/.exec(text);
  if (malformed !== null) return [malformed[0]];
  const record = parseJson(text);
  return typeof record === "object" && record !== null ? idsOf(record as Body) : [];
}

type Body = {
  metric?: string;
  tags?: unknown;
  value?: number;
  points?: [number, number][];
  message?: unknown;
  series?: Body[];
  card?: { add?: { records: { body: string }[] }[] };
};

function idsOf({ metric, tags, value, points, message, card, series }: Body): string[] {
  // A step of two levels, whose second half waits for the card.
  if (card !== undefined)
    return (card.add ?? []).flatMap(({ records }) => records.flatMap(({ body }) => idsIn(body)));
  if (series !== undefined) return series.flatMap(idsOf);
  if (typeof message === "string") return [message];
  const values = [...(value === undefined ? [] : [value]), ...(points ?? []).map(([, each]) => each)];
  return values.flatMap((each) => idsOfPoint(metric, tags, each));
}

/** What a point is made of: `tags` as in a queue or in a payload. */
export function idsOfPoint(metric: string | undefined, tags: unknown, value: number): string[] {
  if (metric === "captures") return [`capture ${value}`];
  const series = /series\W+(\d+)/.exec(JSON.stringify(tags))?.[1];
  return metric === "counts" ? countsIn(Number(series), value) : [];
}
