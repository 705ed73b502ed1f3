import { expect, test } from "bun:test";
import fc from "fast-check";
import { releaseOffset } from "../../src/schedule/offset.ts";

test("a device always sends at the same offset, and two devices at different ones", () => {
  expect(releaseOffset("pi-01", 30, 60)).toBe(releaseOffset("pi-01", 30, 60));
  expect(releaseOffset("pi-01", 30, 60)).not.toBe(releaseOffset("pi-02", 30, 60));
});

test("a fleet is spread over the interval", () => {
  const fleet = Array.from({ length: 1000 }, (_, n) =>
    releaseOffset(`pi-${String(n).padStart(4, "0")}`, 30, 60),
  );
  const perTenth = Array.from(
    { length: 12 },
    (_, tenth) => fleet.filter((at) => Math.floor(at / 5) === tenth).length,
  );
  // None within five seconds of the captures at 0 and 30.
  expect([0, 5, 6, 11].map((tenth) => perTenth[tenth])).toEqual([0, 0, 0, 0]);
  for (const tenth of [1, 2, 3, 4, 7, 8, 9, 10]) expect(perTenth[tenth]).toBeWithin(90, 160);
});

test("the offset lies within the release interval and apart from every capture", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      (host, capture, release) => {
        const offset = releaseOffset(host, capture, release);
        const margin = Math.min(5, Math.min(capture, release) / 4) - 0.001;
        expect(offset).toBeWithin(margin, release - margin + 0.002);
        expect(offset % capture).toBeGreaterThanOrEqual(margin);
      },
    ),
  );
});
