import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLogger } from "../../src/log/log.ts";
import { rateLimited } from "../../src/log/rate-limited.ts";

describe("rateLimited", () => {
  /** Logs with a clock that is set by hand; returns the lines. */
  function limited(every: number, events: number) {
    const lines: string[] = [];
    const log = createLogger({
      level: "info",
      stream: { write: (line) => void lines.push(JSON.parse(line).msg) },
      format: "json",
      color: false,
      secrets: [],
    });
    const time = { seconds: 1000, monotonic: () => time.seconds };
    return { lines, time, log: rateLimited(log, time, every, events) };
  }

  test("logs an event at once, then leaves it out and counts it", () => {
    const { lines, time, log } = limited(60, 10);
    for (let i = 0; i < 38; i++) log.warn("down", {}, "intake down");
    time.seconds += 59.9;
    log.warn("down", {}, "intake down");
    log.warn("other", {}, "other");
    time.seconds += 0.1;
    log.warn("down", {}, "intake is down");
    log.warn("down", {}, "intake down");
    time.seconds += 60;
    log.warn("new", {}, "new");
    log.warn("down", {}, "intake down");
    log.warn("other", {}, "other");
    expect(lines).toEqual([
      "intake down",
      "other",
      "intake is down, 38 more since",
      "new",
      "intake down, 1 more since",
      "other",
    ]);
  });

  test("passes on levels and fields", () => {
    const lines: unknown[] = [];
    const stream = { write: (line: string) => void lines.push({ ...JSON.parse(line), time: undefined }) };
    const log = createLogger({ level: "info", stream, format: "json", color: false, secrets: [] });
    const slow = rateLimited(log, { monotonic: () => 0 });
    slow.debug("a", {}, "a");
    slow.info("b", { n: 1 }, "b");
    slow.warn("c", { n: 2 }, "c");
    slow.error("d", { n: 3 }, "d");
    expect(lines).toEqual([
      { level: "info", msg: "b", n: 1 },
      { level: "warn", msg: "c", n: 2 },
      { level: "error", msg: "d", n: 3 },
    ]);
  });

  test("shares one place among further events when all places are taken, until some are free again", () => {
    const { lines, time, log } = limited(60, 2);
    for (const event of ["a", "b", "c", "d", "e", "a"]) log.info(event, {}, event);
    expect(lines).toEqual(["a", "b", "c"]);
    time.seconds += 60;
    for (const event of ["a", "c", "g"]) log.info(event, {}, event);
    expect(lines).toEqual(["a", "b", "c", "a, 1 more since", "c", "g, 2 others since"]);
  });

  test("never writes more lines per period than it has places", () => {
    const step = fc.record({ event: fc.string({ maxLength: 2 }), wait: fc.nat({ max: 30 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { lines, time, log } = limited(60, 3);
        const times: number[] = [];
        for (const { event, wait } of steps) {
          time.seconds += wait;
          const before = lines.length;
          log.info(event, {}, event);
          if (lines.length > before) times.push(time.seconds);
        }
        for (const start of times)
          expect(times.filter((at) => at >= start && at < start + 60).length).toBeLessThanOrEqual(4);
      }),
    );
  });
});
