import { describe, expect, test } from "bun:test";
import type { LogLine, SourceOptions } from "../../../src/logs/log-line.ts";
import { NO_BUDGET } from "../../../src/logs/shape/budget.ts";
import { createShape, NEW_STATE, type ShapeState } from "../../../src/logs/shape/shape.ts";
import { createMask } from "../../../src/logs/text/mask.ts";
import type { Status } from "../../../src/logs/text/status.ts";

const OPTIONS: SourceOptions = { tags: ["a:b"], include: [], exclude: [], fold: true, source: "linux" };

const line = (message: string, status?: Status, more: Partial<LogLine> = {}): LogLine => ({
  message,
  json: false,
  at: 1_700_000_000,
  status,
  ...more,
});

/** Shapes lines in batches of one moment each, as a stream that is killed between two of them does. */
function shaping(options: Partial<SourceOptions> = {}, bytesPerDay = Infinity) {
  const shape = createShape({ options: { ...OPTIONS, ...options }, mask: createMask([]), bytesPerDay });
  let state: ShapeState = NEW_STATE;
  let budget = NO_BUDGET;
  const news: string[] = [];
  return {
    news,
    counts: () => state.counts,
    take: (now: number, ...lines: LogLine[]) => {
      const result = shape(JSON.parse(JSON.stringify(state)), budget, lines, [], now);
      ({ state, budget } = result);
      news.push(...result.news);
      return result.records.map(({ body }) => (JSON.parse(body) as { message: string }).message);
    },
    bodies: (now: number, ...lines: LogLine[]) =>
      shape(state, budget, lines, ["container:web"], now).records.map(({ body }) => JSON.parse(body)),
  };
}

test("a record has the fields of the intake; those of a JSON object win", () => {
  expect(shaping().bodies(0, line("hi", "warn", { service: "app", pid: "7" }))).toEqual([
    {
      message: "hi",
      timestamp: 1_700_000_000_000,
      status: "warn",
      service: "app",
      ddsource: "linux",
      ddtags: ["a:b", "container:web"],
      pid: "7",
    },
  ]);
  const text = '{"message":"m","service":"own","dd.trace_id":9223372036854775807}';
  expect(shaping().bodies(0, line(text, "info", { json: true }))).toMatchObject([
    { message: "m", service: "own" },
  ]);
  expect(shaping().bodies(0, line(" {} ", "info", { json: true }))).toMatchObject([{ status: "info" }]);
});

test("levels, include and exclude decide what is sent, and the rest is counted", () => {
  const { take, counts } = shaping({ level: "info", include: ["disk|net"], exclude: ["ok$"] });
  expect(take(0, line("disk", "debug"), line("disk full"), line("net ok"), line("cpu"))).toEqual([
    "disk full",
  ]);
  expect(counts()).toMatchObject({ lines: 4, queued: 1, filtered: 3 });
});

describe("folding", () => {
  test("counts repeats over restarts, and says so before the next other line", () => {
    const { take, counts } = shaping();
    expect(take(0, line("a"), line("a"))).toEqual(["a"]);
    expect(take(1, line("a"), line("b"), line("b"))).toEqual(["last message repeated 2 times", "b"]);
    expect(take(2, line("c"))).toEqual(["last message repeated once", "c"]);
    expect(counts()).toMatchObject({ lines: 6, folded: 3 });
  });

  test("keeps the services of the journal apart", () => {
    const { take } = shaping();
    const of = (service: string) => line("tick", "info", { service });
    expect(take(0, of("a"), of("b"), of("a"), of("b"))).toEqual(["tick", "tick"]);
  });

  test("says after a minute that a line still repeats", () => {
    const { take } = shaping();
    take(1_700_000_000, line("a"), line("a"));
    expect(take(1_700_000_030)).toEqual([]);
    expect(take(1_700_000_061)).toEqual(["last message repeated once"]);
  });
});

test("a full minute leaves lines out, and sums them up in one line", () => {
  const { take, counts } = shaping({ linesPerMinute: 2, fold: false });
  expect(take(60, line("a"), line("b"), line("c"), line("d"))).toEqual(["a", "b"]);
  expect(take(121, line("e"))).toEqual(["2 lines left out", "e"]);
  expect(counts()).toMatchObject({ lines: 5, leftOut: 2 });
});

test("the budget of a day leaves out debug first, then info, and errors last, and reports each once", () => {
  const { take, news } = shaping({ fold: false, tags: [], source: undefined }, 1000);
  const each = (status: Status) => take(0, line("x".repeat(40), status), line("x".repeat(40), status)).length;
  const sent = (["debug", "debug", "debug", "info", "warn", "error", "error", "error"] as const).map(each);
  expect(sent.slice(0, 3)).toEqual([2, 2, 1]);
  expect(sent.at(-1)).toBe(0);
  expect(news.length).toBeGreaterThan(1);
  expect(new Set(news).size).toBe(news.length);
  expect(take(86_400, line("tomorrow", "debug"))).toEqual(["tomorrow"]);
});

test("a secret in a JSON object is hidden, and the object stays one", () => {
  const [body] = shaping().bodies(0, line('{"message":"m","token":"abcdef"}', undefined, { json: true }));
  expect(body).toMatchObject({ message: "m", token: "***" });
});
