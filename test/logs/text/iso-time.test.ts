import { expect, test } from "bun:test";
import fc from "fast-check";
import { isoTime } from "../../../src/logs/text/iso-time.ts";

test("every time that Date writes is read as Date.parse reads it, in every zone", () => {
  const date = fc.date({ min: new Date("1970-01-01"), max: new Date("2999-12-31"), noInvalidDate: true });
  const zone = fc.constantFrom("Z", "+02:00", "-0930", "+14:00");
  fc.assert(
    fc.property(date, zone, (when, zone) => {
      const text = when.toISOString().replace("Z", zone);
      const read = isoTime(`${text} pi`);
      expect(read?.end).toBe(text.length);
      expect(Math.round((read?.at ?? 0) * 1000)).toBe(Date.parse(text.replace("-0930", "-09:30")));
    }),
  );
});

test("fractions of a second have any number of digits, or none", () => {
  const second = Date.UTC(2026, 9, 11, 22, 14, 15) / 1000;
  expect(isoTime("2026-10-11T22:14:15Z")).toEqual({ at: second, end: 20 });
  expect(isoTime("2026-10-11T22:14:15.123456789Z")?.at).toBeCloseTo(second + 0.123456789, 6);
});

test.each([
  "",
  "2026-10-11",
  "2026-10-11T22:14:15",
  "2026-10-11 22:14:15Z",
  "2026-13-11T22:14:15Z",
  "2026-10-00T22:14:15Z",
  "2026-10-11T24:14:15Z",
  "2026-10-11T22:60:15Z",
  "20x6-10-11T22:14:15Z",
  "2026-10-11T22:14:15.+02:0",
  "2026-10-11T22:14:15 CET",
])("%p has no time that can be read", (text) => {
  expect(isoTime(text)).toBeUndefined();
});
