import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLogger, type Logger, type LogOptions } from "../../src/log/log.ts";

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) / 1000 };

/** Returns the lines that a use of the log writes. */
function written(use: (log: Logger) => void, options: Partial<LogOptions> = {}): string[] {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  use(createLogger({ level: "info", stream, format: "json", color: false, secrets: [], clock, ...options }));
  return lines;
}

/** Returns the lines as objects, without the time. */
function logged(use: (log: Logger) => void, options: Partial<LogOptions> = {}): unknown[] {
  return written(use, options).map((line) => {
    const { time, ...rest } = JSON.parse(line);
    return rest;
  });
}

describe("a log of JSON lines", () => {
  test("writes level, time, message and fields on one line", () => {
    const lines = written((log) => {
      log.info("started");
      log.warn({ status: 503, host: "pi\n4" }, "100% of %s");
      log.child({ job: "send" }).error({ tags: ["a"] }, "failed");
      log.debug("not shown");
    });
    expect(lines).toEqual([
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","msg":"started"}\n',
      '{"level":"warn","time":"2026-01-02T03:04:05.678Z","msg":"100% of %s","status":503,"host":"pi\\n4"}\n',
      '{"level":"error","time":"2026-01-02T03:04:05.678Z","msg":"failed","job":"send","tags":["a"]}\n',
    ]);
  });

  test.each([
    ["trace", ["debug", "info", "warn", "error"]],
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
    ["fatal", []],
    ["silent", []],
  ] as const)("level %s lets through %j", (level, expected) => {
    const lines = logged(
      (log) => {
        for (const name of ["debug", "info", "warn", "error"] as const) log[name](name);
      },
      { level },
    );
    expect(lines).toEqual(expected.map((name) => ({ level: name, msg: name })));
  });

  test("writes type, message, stack and cause of an error", () => {
    const err = new TypeError("outer", { cause: new Error("inner") });
    const [line] = logged((log) => log.error({ err }, "failed")) as [{ err: Record<string, string> }];
    expect(line.err).toMatchObject({ type: "TypeError", message: "outer: inner" });
    expect(line.err.stack).toContain("log.test.ts");
  });

  test("cuts very long texts and very deep objects", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 5000; i++) deep = [deep];
    const [line] = written((log) => log.info({ body: "x".repeat(100_000), deep }, "y".repeat(10_000)));
    expect(line?.length).toBeLessThan(20_000);
    expect(line).toContain("… (91808 more characters)");
    expect(line).toContain("… (1808 more characters)");
    expect(line).not.toContain("bottom");
  });

  test("writes one line of JSON and never throws, whatever is logged", () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anything), fc.string(), (fields, message) => {
        const { level, time, msg, ...rest } = fields;
        const lines = written((log) => log.info({ ...rest, circular }, message));
        expect(lines).toHaveLength(1);
        expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", msg: message });
      }),
    );
  });
});

describe("the log masks", () => {
  test("fields with names of secrets at any depth, but not whether one is set", () => {
    const fields = {
      apiKey: "a1b2",
      api_key: "a1b2",
      headers: { "DD-API-KEY": "a1b2", authorization: ["a1b2"], "Proxy-Authorization": 12 },
      redis: { options: [{ password: "a1b2", username: "me" }] },
      config: { apiKey: "set", token: null },
    };
    expect(logged((log) => log.info(fields, "x"))).toEqual([
      {
        level: "info",
        msg: "x",
        apiKey: "***",
        api_key: "***",
        headers: { "DD-API-KEY": "***", authorization: "***", "Proxy-Authorization": "***" },
        redis: { options: [{ password: "***", username: "me" }] },
        config: { apiKey: "set", token: null },
      },
    ]);
  });

  test("credentials in URLs, known or not", () => {
    const message =
      "redis://me:p@ss#w@host/0 and https://u@proxy:3128/x?api_key=abc&a=1, not a@b or http://host/a@b";
    expect(logged((log) => log.info(message))).toEqual([
      {
        level: "info",
        msg: "redis://***@host/0 and https://***@proxy:3128/x?api_key=***&a=1, not a@b or http://host/a@b",
      },
    ]);
  });

  test("known secrets in messages, values, names, numbers, errors and child logs", () => {
    const secrets = ["s3cret", "s3cret-and-more", "12345678", "", "abc"];
    const err = Object.assign(new Error("AUTH s3cret failed"), { command: { args: ["me", "s3cret"] } });
    const use = (log: Logger) => {
      log
        .child({ "of s3cret": "s3cret-and-more" })
        .warn({ err, pin: 12_345_678, port: 1234 }, "s3crets3cret abc");
    };
    for (const format of ["json", "text", "journal"] as const) {
      const [line] = written(use, { secrets, format });
      expect(line).not.toContain("s3cret");
      expect(line).not.toContain("12345678");
      expect(line).not.toContain("and-more");
      expect(line).toContain("1234");
      expect(line).toContain("****** abc");
    }
  });

  test("any secret in every line, which remains JSON", () => {
    const secret = fc
      .string({ unit: "grapheme", minLength: 4 })
      .filter((text) => !"0123456789-T:.Z***".includes(text));
    const around = fc.string();
    fc.assert(
      fc.property(secret, around, around, (text, before, after) => {
        const value = `${before}${text}${after}`;
        const use = (log: Logger) => log.error({ [value]: value, in: [{ it: value }] }, value);
        const [json = ""] = written(use, { secrets: [text] });
        const texts: string[] = [];
        JSON.parse(json, (key, item) => {
          if (typeof item === "string") texts.push(item);
          texts.push(key);
          return item;
        });
        const ours = ["level", "time", "msg", "error", "2026-01-02T03:04:05.678Z"];
        expect(texts.filter((it) => !ours.includes(it) && it.includes(text))).toEqual([]);
      }),
    );
  });
});

describe("log lines for people", () => {
  const plain = { format: "text" } as const;

  test("have time, level, message and fields", () => {
    const lines = written((log) => {
      log.info("started");
      log.warn(
        { status: 503, url: "https://h/a", why: "not now", tags: ["a"], none: null },
        "the intake does not answer",
      );
      log.error({ err: new Error("disk is full") }, "cannot store");
    }, plain);
    const at = new Date(clock.now() * 1000).toTimeString().slice(0, 8);
    expect(lines).toEqual([
      `${at} INFO  started\n`,
      `${at} WARN  the intake does not answer  status=503 url=https://h/a why="not now" tags=["a"] none=null\n`,
      `${at} ERROR cannot store  err="disk is full"\n`,
    ]);
  });

  test("have their priority in the journal, which has the time itself", () => {
    const lines = written(
      (log) => {
        log.debug("looked");
        log.info({ lines: 3 }, "started");
        log.warn("a\nb");
        log.error({ err: new Error("disk is full") }, "cannot store");
      },
      { format: "journal", level: "debug", color: true },
    );
    expect(lines).toEqual([
      "<7>looked\n",
      "<6>started  lines=3\n",
      "<4>a\\u000ab\n",
      '<3>cannot store  err="disk is full"\n',
    ]);
  });

  test("are colored only on request, and only on a terminal", () => {
    const use = (log: Logger) => log.warn({ a: 1 }, "x");
    const at = new Date(clock.now() * 1000).toTimeString().slice(0, 8);
    expect(written(use, { format: "text", color: true })).toEqual([
      `\x1b[2m${at}\x1b[0m \x1b[33mWARN \x1b[0m x  \x1b[2ma=\x1b[0m1\n`,
    ]);
    expect(written(use, { format: "json", color: true })).toEqual(written(use));
  });

  test("have no control characters", () => {
    const evil = "\x1b]0;owned\x07\n\x9b31m\r";
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const value = evil + text;
        const [line = ""] = written((log) => log.info({ [value]: value, in: [value] }, value), plain);
        expect(line.slice(0, -1)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
