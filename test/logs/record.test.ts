import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LogLine } from "../../src/logs/log-line.ts";
import { createLogBody } from "../../src/logs/record.ts";

const OPTIONS = { tags: ["team:a"], include: [], exclude: [], fold: true };
const LINE: LogLine = { message: "hello", json: false, at: 1_700_000_000.1234, status: undefined };

test("a log has what its source adds, and nothing that is not known", () => {
  const body = createLogBody({ ...OPTIONS, source: "app" }, ["container:web"]);
  expect(body({ ...LINE, status: "warn", service: "web", pid: "12", host: "router" })).toBe(
    '{"message":"hello","timestamp":1700000000123,"status":"warn","service":"web","ddsource":"app","ddtags":["team:a","container:web"],"hostname":"router","pid":"12"}',
  );
  expect(createLogBody({ ...OPTIONS, tags: [] }, [])(LINE)).toBe(
    '{"message":"hello","timestamp":1700000000123}',
  );
});

test("the service of the entry wins over that of the line", () => {
  expect(JSON.parse(createLogBody({ ...OPTIONS, service: "mine" }, [])({ ...LINE, service: "x" }))).toEqual({
    message: "hello",
    timestamp: 1_700_000_000_123,
    service: "mine",
    ddtags: ["team:a"],
  });
});

test.each([
  ['{"a":9223372036854775807}', '{"timestamp":1700000000123,"a":9223372036854775807}'],
  [" { } ", '{"timestamp":1700000000123}'],
])("the fields of %s come behind what the source adds", (message, text) => {
  expect(createLogBody({ ...OPTIONS, tags: [] }, [])({ ...LINE, json: true, message })).toBe(text);
});

test("whatever the texts are, the body is what JSON.stringify writes", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("\ud800", '"', "\\", "\u2028"),
  );
  fc.assert(
    fc.property(text, text, text, text, (message, service, pid, host) => {
      const body = createLogBody({ ...OPTIONS, tags: [] }, [])({ ...LINE, message, service, pid, host });
      const expected = { message, timestamp: 1_700_000_000_123, service, hostname: host, pid };
      expect(body).toBe(JSON.stringify(expected));
    }),
  );
}, 60_000);
