import { describe, expect, test } from "bun:test";
import { parsePressure } from "../../../src/plugins/kernel/pressure.ts";
import { parseUptime } from "../../../src/plugins/kernel/uptime.ts";
import { parseWholeNumber } from "../../../src/plugins/kernel/whole-number.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captured, readByHand } from "./captures.ts";

describe("/proc/uptime", () => {
  test("seconds since boot", () => {
    expect(parseUptime("1146.73 2242.41\n", noSkip)).toBe(1146.73);
    expect(parseUptime("31536000.00 0.00\n", noSkip)).toBe(31536000);
  });

  test.each(["", "1146,73 2242,41\n", "-1.00 2.00\n", "soon\n"])("%j is skipped", (text) => {
    const { value, skipped } = skipping((skip) => parseUptime(text, skip));
    expect([value, skipped]).toEqual([undefined, [["/proc/uptime", text]]]);
  });
});

describe("/proc/pressure", () => {
  const path = "/proc/pressure/io";

  test("some tasks waited, with and without the line of all tasks", () => {
    const some = "some avg10=1.10 avg60=0.70 avg300=0.23 total=2679595\n";
    const both = `${some}full avg10=9.10 avg60=8.70 avg300=0.23 total=2604097\n`;
    expect([some, both].map((text) => parsePressure(text, path, 10, noSkip))).toEqual([1.1, 1.1]);
    expect([some, both].map((text) => parsePressure(text, path, 60, noSkip))).toEqual([0.7, 0.7]);
  });

  test.each([
    ["", ""],
    ["full avg10=9.10 avg60=0.70 avg300=0.23 total=1\n", "full avg10=9.10 avg60=0.70 avg300=0.23 total=1\n"],
    ["some avg60=0.70 avg300=0.23 total=1\n", "some avg60=0.70 avg300=0.23 total=1"],
    ["some avg10=x avg60=0.70 avg300=0.23 total=1\n", "some avg10=x avg60=0.70 avg300=0.23 total=1"],
  ])("%j is skipped", (text, line) => {
    const { value, skipped } = skipping((skip) => parsePressure(text, path, 10, skip));
    expect([value, skipped]).toEqual([undefined, [[path, line]]]);
  });
});

describe("a file with one number", () => {
  test.each([0, 1, 2, 3, 4, 5, 6])("zone %d of a Jetson Nano", (zone) => {
    const path = `sys/class/thermal-jetson-nano/thermal_zone${zone}/temp`;
    const millidegrees = parseWholeNumber(captured(path), path, noSkip);
    expect(millidegrees).toBe(1000 * readByHand<{ celsius: number }>(path).celsius);
  });

  test("may be below zero, and without a line feed", () => {
    expect(parseWholeNumber("-4500", "temp", noSkip)).toBe(-4500);
  });

  test("that is empty belongs to a sensor that is off", () => {
    expect(["", "\n"].map((text) => parseWholeNumber(text, "temp", noSkip))).toEqual([undefined, undefined]);
  });

  test.each(["hot\n", "54.5\n", "54542\n54542\n", "--1\n"])("%j is skipped", (text) => {
    const { value, skipped } = skipping((skip) => parseWholeNumber(text, "/sys/temp", skip));
    expect([value, skipped]).toEqual([undefined, [["/sys/temp", text]]]);
  });
});
