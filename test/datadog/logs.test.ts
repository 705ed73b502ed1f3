import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeLog, type LogOptions } from "../../src/datadog/logs.ts";
import { type Log, parseLog } from "../../src/records/log.ts";

const OPTIONS = { host: "pi", globalTags: ["env:prod"] };
const BARE = { host: "", globalTags: [] };

const encodeLogs = (logs: readonly Log[], options: LogOptions) =>
  `[${logs.map((log) => encodeLog(log, options)).join(",")}]`;

const bytesOf = (text: string) => Buffer.byteLength(text);

describe("encodeLog", () => {
  test("encodes a log of the Python client as the intake requires", () => {
    const body =
      '{"date": "2020-06-07T15:07:50.997857+00:00", "ddsource": "my-app", "ddtags": ["b:c", "a:b"], "level": "INFO", "message": {"msg": "text"}, "service": "my-app", "exc_info": "Traceback …", "status_code": 200}';
    expect(encodeLogs([parseLog(body) ?? {}], OPTIONS)).toBe(
      '[{"date":"2020-06-07T15:07:50.997857+00:00","ddsource":"my-app","ddtags":"a:b,b:c,env:prod","level":"INFO","message":{"msg":"text"},"service":"my-app","exc_info":"Traceback …","status_code":200,"hostname":"pi","status":"info"}]',
    );
  });

  test("numbers go out with the digits that they came in with", () => {
    const numbers =
      '"dd.trace_id":9223372036854775807,"dd.span_id":12345678901234567890,"ratio":0.12345678901234567890,"n":[2.0]';
    const body = `{${numbers},"message":{"msg":"text","id":-10000000000000001},"level":"INFO","nan":NaN}`;
    expect(encodeLogs([parseLog(body) ?? {}], BARE)).toBe(
      `[{${numbers},"message":{"msg":"text","id":-10000000000000001},"level":"INFO","nan":null,"status":"info"}]`,
    );
  });

  test("any integer in any log arrives with its digits", () => {
    const integer = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
    fc.assert(
      fc.property(integer, integer, fc.string(), (number, inside, message) => {
        const body = `{"n":${number},"list":[{"n":${inside}}],"message":${JSON.stringify(message)}}`;
        expect(encodeLogs([parseLog(body) ?? {}], BARE)).toBe(`[${body}]`);
      }),
    );
  });

  test("a long number survives the cut of a message, and is a tag", () => {
    const body = `{"id":9223372036854775807,"ddtags":[10000000000000001,"a:b"],"message":"${"x".repeat(1_100_000)}"}`;
    const text = encodeLogs([parseLog(body) ?? {}], BARE);
    expect(text).toStartWith('[{"id":9223372036854775807,"ddtags":"a:b","message":"xxx');
    expect(bytesOf(text)).toBe(1_000_002);
  });

  test.each<[string, unknown, string | undefined]>([
    ["a list", ["b:1", "a b:2"], "a_b:2,b:1,env:prod"],
    ["one text", "b:1, a:2,,b:1", "a:2,b:1,env:prod"],
    ["numbers and booleans", ["zone:a", 5, true, null, {}, []], "env:prod,true,zone:a"],
    ["an empty list", [], "env:prod"],
    ["null", null, "env:prod"],
    ["none", undefined, "env:prod"],
    ["an object", { a: "b" }, "env:prod"],
  ])("ddtags that are %s", (_, ddtags, expected) => {
    expect(JSON.parse(encodeLogs([{ ddtags }], OPTIONS))[0].ddtags).toBe(expected);
  });

  test("leaves out fields without tags, host and level", () => {
    expect(encodeLogs([{ message: "a", ddtags: [] }], BARE)).toBe('[{"message":"a"}]');
  });

  test.each<[Log, Log]>([
    [{ hostname: "own" }, { hostname: "own" }],
    [{ hostname: "" }, { hostname: "pi" }],
    [{ hostname: null }, { hostname: "pi" }],
    [{}, { hostname: "pi" }],
    [{ level: "WARNING" }, { level: "WARNING", hostname: "pi", status: "warning" }],
    [
      { level: "INFO", status: "error" },
      { level: "INFO", status: "error", hostname: "pi" },
    ],
    [
      { level: "INFO", status: 500 },
      { level: "INFO", status: 500, hostname: "pi" },
    ],
    [
      { level: "INFO", status: null },
      { level: "INFO", status: "info", hostname: "pi" },
    ],
    [{ level: 20 }, { level: 20, hostname: "pi" }],
  ])("%j", (log, encoded) => {
    expect(JSON.parse(encodeLogs([log], { ...BARE, host: "pi" }))).toEqual([encoded]);
  });

  test("a key named __proto__ is data, at the top and inside", () => {
    const log = parseLog(
      '{"__proto__": {"hostname": "evil", "polluted": 1}, "message": {"__proto__": 2}, "toJSON": 3}',
    );
    expect(encodeLogs([log ?? {}], { ...BARE, host: "pi" })).toBe(
      '[{"__proto__":{"hostname":"evil","polluted":1},"message":{"__proto__":2},"toJSON":3,"hostname":"pi"}]',
    );
    expect(({} as Log).polluted).toBeUndefined();
  });

  test("every other field is unchanged", () => {
    const own = fc.dictionary(
      fc.string().filter((key) => !["ddtags", "hostname", "status", "level"].includes(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(own, (extras) => {
        const log = parseLog(JSON.stringify(extras)) ?? {};
        expect(JSON.parse(encodeLogs([log], BARE))).toEqual([JSON.parse(JSON.stringify(extras))]);
      }),
    );
  });
});

describe("a log over a megabyte", () => {
  const MARK = "… [cut: too long for the intake]";

  test.each([
    ["ASCII", "x"],
    ["two bytes", "ä"],
    ["three bytes", "字"],
    ["four bytes", "😀"],
    ["escaped", '"\n'],
    ["control characters", "\u0001"],
    ["lone surrogates", "\udc00"],
    ["of every kind", 'x😀"ä字\u0000'],
  ])("loses the end of its message: %s", (_, unit) => {
    const message = unit.repeat(Math.ceil(1_200_000 / bytesOf(unit)));
    const text = encodeLogs([{ message, service: "s" }], OPTIONS).slice(1, -1);
    const cut = JSON.parse(text).message as string;
    expect(bytesOf(text)).toBeLessThanOrEqual(1_000_000);
    expect(bytesOf(text)).toBeGreaterThan(999_970);
    expect(cut).toEndWith(MARK);
    const kept = cut.slice(0, -MARK.length);
    expect(message.startsWith(kept)).toBe(true);
    expect(kept).not.toMatch(/[\ud800-\udbff]$/);
    expect(JSON.parse(text)).toEqual({ message: cut, service: "s", ddtags: "env:prod", hostname: "pi" });
  });

  test("loses it also where the Python client puts it", () => {
    const log = { message: { msg: "x".repeat(2_000_000), args: 1 } };
    const text = encodeLogs([log], BARE).slice(1, -1);
    expect(bytesOf(text)).toBe(1_000_000);
    expect(JSON.parse(text).message).toEqual({ msg: expect.stringMatching(/^x+… \[cut/), args: 1 });
  });

  test("is cut one byte above a megabyte", () => {
    const frame = bytesOf('{"message":""}');
    const whole = "x".repeat(1_000_000 - frame);
    expect(JSON.parse(encodeLogs([{ message: whole }], BARE))[0].message).toBe(whole);
    const cut = JSON.parse(encodeLogs([{ message: `${whole}x` }], BARE))[0].message;
    expect(bytesOf(cut)).toBe(1_000_000 - frame);
    expect(cut).toEndWith(MARK);
  });

  test.each<[string, Log]>([
    ["without a message", { other: "x".repeat(1_100_000) }],
    ["whose message is not what is long", { message: "short", other: "x".repeat(1_100_000) }],
    ["whose message is not a string", { message: ["x".repeat(1_100_000)] }],
    ["whose message holds no text", { message: { msg: 5, more: "x".repeat(1_100_000) } }],
  ])("%s cannot be encoded", (_, log) => {
    expect(() => encodeLogs([log], OPTIONS)).toThrow(/^the log is 11\d{5} bytes without a message to cut$/);
  });
});
