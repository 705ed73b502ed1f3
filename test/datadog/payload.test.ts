import { expect, test } from "bun:test";
import { inflateRawSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { compress } from "../../src/datadog/payload.ts";

test("a payload is a zlib stream, which the intake calls deflate", () => {
  const payload = compress(new TextEncoder().encode("{}"));
  expect(payload[0]).toBe(0x78);
  expect(inflateSync(payload).toString()).toBe("{}");
  expect(() => inflateRawSync(payload)).toThrow();
});

test("a payload can be decompressed to the same text, whatever it is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (raw) => {
      expect(new Uint8Array(inflateSync(compress(raw)))).toEqual(raw);
    }),
  );
});

test("a megabyte of points becomes small", () => {
  const series = Array.from(
    { length: 20_000 },
    (_, i) => `{"metric":"my.metric.${i % 50}","points":[[${1_600_000_000 + i},${i}]]}`,
  );
  const raw = new TextEncoder().encode(`{"series":[${series.join(",")}]}`);
  const payload = compress(raw);
  expect(raw.length).toBeGreaterThan(1_000_000);
  expect(payload.length).toBeLessThan(200_000);
  expect(inflateSync(payload).equals(raw)).toBe(true);
});
