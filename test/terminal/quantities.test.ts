import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatBytes, formatCount, formatSeconds } from "../../src/terminal/quantities.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [999.6, "999.6 B"],
  [12.345, "12.3 B"],
  [1000, "1.0 kB"],
  [1_234_567, "1.2 MB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [999_999, "1.0 MB"],
  [31_914_983_424, "31.9 GB"],
  [5e12, "5.0 TB"],
  [2e15, "2000.0 TB"],
  [-2_500_000, "-2.5 MB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("bytes are within a twentieth of what is shown, and never 1000 of a unit", () => {
  const units = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e14 }), (bytes) => {
      const [, number = "", unit = ""] = /^([\d.]+) (B|kB|MB|GB|TB)$/.exec(formatBytes(bytes)) ?? [];
      expect(Number(number)).toBeLessThan(1000);
      const shown = Number(number) * units[unit as keyof typeof units];
      expect(Math.abs(shown - bytes)).toBeLessThanOrEqual(bytes / 19);
    }),
  );
});

test.each([
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min 0 s"],
  [3599, "59 min 59 s"],
  [3600, "1 h 0 min"],
  [93_784, "26 h 3 min"],
  [172_799, "47 h 59 min"],
  [172_800, "2 d 0 h"],
  [31_536_000, "365 d 0 h"],
  [-90, "-1 min 30 s"],
  [Number.POSITIVE_INFINITY, "a very long time"],
  [Number.NEGATIVE_INFINITY, "a very long time"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [0, "0 points"],
  [1, "1 point"],
  [2, "2 points"],
])("%d is %s", (count, text) => {
  expect(formatCount(count, "point")).toBe(text);
});
