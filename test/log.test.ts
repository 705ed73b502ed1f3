import { describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createLogger, type Logger, type LogOptions, rateLimited, writeTo } from "../src/log.ts";

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) / 1000 };

/** What a use of the log writes, line by line. */
function written(use: (log: Logger) => void, options: Partial<LogOptions> = {}): string[] {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  use(createLogger({ level: "info", stream, terminal: false, color: false, secrets: [], clock, ...options }));
  return lines;
}

/** The same as objects, without the time. */
function logged(use: (log: Logger) => void, options: Partial<LogOptions> = {}): unknown[] {
  return written(use, options).map((line) => {
    const { time, ...rest } = JSON.parse(line);
    return rest;
  });
}

describe("JSON lines", () => {
  test("level, time, message and fields, one line each", () => {
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

  test("an error has its type, message, stack and cause", () => {
    const err = new TypeError("outer", { cause: new Error("inner") });
    const [line] = logged((log) => log.error({ err }, "failed")) as [{ err: Record<string, string> }];
    expect(line.err).toMatchObject({ type: "TypeError", message: "outer: inner" });
    expect(line.err.stack).toContain("log.test.ts");
  });

  test("what is very long is cut, what is very deep too", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 5000; i++) deep = [deep];
    const [line] = written((log) => log.info({ body: "x".repeat(100_000), deep }, "y".repeat(10_000)));
    expect(line?.length).toBeLessThan(20_000);
    expect(line).toContain("… (91808 more characters)");
    expect(line).toContain("… (1808 more characters)");
    expect(line).not.toContain("bottom");
  });

  test("whatever is logged, nothing is thrown and one line of JSON is written", () => {
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

describe("secrets", () => {
  test("fields of their names are hidden at any depth, all but what says whether one is set", () => {
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

  test("credentials in URLs are hidden, known or not", () => {
    const message =
      "redis://me:p@ss#w@host/0 and https://u@proxy:3128/x?api_key=abc&a=1, not a@b or http://host/a@b";
    expect(logged((log) => log.info(message))).toEqual([
      {
        level: "info",
        msg: "redis://***@host/0 and https://***@proxy:3128/x?api_key=***&a=1, not a@b or http://host/a@b",
      },
    ]);
  });

  test("known secrets are hidden in messages, values, names, numbers, errors and children", () => {
    const secrets = ["s3cret", "s3cret-and-more", "12345678", "", "abc"];
    const err = Object.assign(new Error("AUTH s3cret failed"), { command: { args: ["me", "s3cret"] } });
    const use = (log: Logger) => {
      log
        .child({ "of s3cret": "s3cret-and-more" })
        .warn({ err, pin: 12_345_678, port: 1234 }, "s3crets3cret abc");
    };
    for (const terminal of [true, false]) {
      const [line] = written(use, { secrets, terminal });
      expect(line).not.toContain("s3cret");
      expect(line).not.toContain("12345678");
      expect(line).not.toContain("and-more");
      expect(line).toContain("1234");
      expect(line).toContain("****** abc");
    }
  });

  test("whatever the secret, no line contains it, and the line is still JSON", () => {
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

describe("lines for people", () => {
  const plain = { terminal: true };

  test("time, level, message, fields", () => {
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

  test("are colored only when asked, and only on a terminal", () => {
    const use = (log: Logger) => log.warn({ a: 1 }, "x");
    const at = new Date(clock.now() * 1000).toTimeString().slice(0, 8);
    expect(written(use, { terminal: true, color: true })).toEqual([
      `\x1b[2m${at}\x1b[0m \x1b[33mWARN \x1b[0m x  \x1b[2ma=\x1b[0m1\n`,
    ]);
    expect(written(use, { terminal: false, color: true })).toEqual(written(use));
  });

  test("text of strangers does not drive the terminal", () => {
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

describe("rateLimited", () => {
  /** Logs with a clock that is set by hand; gives what was written. */
  function limited(every: number, events: number) {
    const lines: string[] = [];
    const log = createLogger({
      level: "info",
      stream: { write: (line) => void lines.push(JSON.parse(line).msg) },
      terminal: false,
      color: false,
      secrets: [],
    });
    const time = { seconds: 1000, monotonic: () => time.seconds };
    return { lines, time, log: rateLimited(log, time, every, events) };
  }

  test("an event is logged at once, then held back and counted", () => {
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

  test("levels and fields are passed on", () => {
    const lines = logged((log) => {
      const slow = rateLimited(log, { monotonic: () => 0 });
      slow.debug("a", {}, "a");
      slow.info("b", { n: 1 }, "b");
      slow.warn("c", { n: 2 }, "c");
      slow.error("d", { n: 3 }, "d");
    });
    expect(lines).toEqual([
      { level: "info", msg: "b", n: 1 },
      { level: "warn", msg: "c", n: 2 },
      { level: "error", msg: "d", n: 3 },
    ]);
  });

  test("when all places are taken, further events share one; places come free with time", () => {
    const { lines, time, log } = limited(60, 2);
    for (const event of ["a", "b", "c", "d", "e", "a"]) log.info(event, {}, event);
    expect(lines).toEqual(["a", "b", "c"]);
    time.seconds += 60;
    for (const event of ["a", "c", "g"]) log.info(event, {}, event);
    expect(lines).toEqual(["a", "b", "c", "a, 1 more since", "c", "g, 2 others since"]);
  });

  test("however many events there are, no more lines than places in any span", () => {
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

describe("standardError", () => {
  const program = `import { standardError } from ${JSON.stringify(join(import.meta.dir, "..", "src", "log.ts"))};`;

  test("has written everything when the process dies the next moment", async () => {
    const script = `${program} standardError.write("é".repeat(200000) + "\\n"); process.kill(process.pid, "SIGKILL");`;
    const child = Bun.spawn([process.execPath, "-e", script], { stderr: "pipe" });
    expect(await new Response(child.stderr).text()).toBe(`${"é".repeat(200_000)}\n`);
  });

  test("a full disk does not stop the program", async () => {
    const script = `${program} standardError.write("x\\n"); console.log("alive");`;
    const child = Bun.spawn(["/bin/sh", "-c", 'exec "$0" -e "$1" 2>/dev/full', process.execPath, script]);
    expect(await new Response(child.stdout).text()).toBe("alive\n");
    expect(await child.exited).toBe(0);
  });

  test("a reader that is gone does not stop the program", async () => {
    const script = `${program} await Bun.stdin.text(); standardError.write("x\\n"); console.log("alive");`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stderr: "pipe" });
    await child.stderr.cancel();
    child.stdin.end();
    expect(await new Response(child.stdout).text()).toBe("alive\n");
    expect(await child.exited).toBe(0);
  });
});

describe("writeTo", () => {
  /** A pipe that does not block, as one becomes when it is shared with Node. */
  function pipe() {
    const folder = mkdtempSync(join(tmpdir(), "log-"));
    const path = join(folder, "fifo");
    Bun.spawnSync(["mkfifo", path]);
    const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const close = () => {
      closeSync(file);
      rmSync(folder, { recursive: true });
    };
    return { folder, path, file, stream: writeTo(file), [Symbol.dispose]: close };
  }

  /** What is in the pipe now. */
  function drain(file: number): string {
    const chunk = Buffer.alloc(65_536);
    let text = "";
    for (;;) {
      try {
        text += chunk.toString("utf8", 0, readSync(file, chunk));
      } catch (error) {
        expect(error).toMatchObject({ code: "EAGAIN" });
        return text;
      }
    }
  }

  test("waits for a reader that is stuck, but not at every line, and again once it has read", async () => {
    using it = pipe();
    it.stream.write("x".repeat(2_000_000));
    for (let i = 0; i < 100; i++) it.stream.write("dropped");
    expect(drain(it.file)).toMatch(/^x+$/);

    // Between the first byte and the others another program is started, so the pipe is full for a while.
    const text = `${"é".repeat(500_000)}\n`;
    const copy = join(it.folder, "copy");
    const script = 'exec < "$1"; echo ready; head -c 1 > /dev/null; exec head -c "$0" > "$2"';
    const reader = Bun.spawn(["/bin/sh", "-c", script, "1000001", it.path, copy], { stdout: "pipe" });
    await reader.stdout.getReader().read();
    it.stream.write(`-${text}`);
    expect(await reader.exited).toBe(0);
    expect(await Bun.file(copy).text()).toBe(text);
  });
});
