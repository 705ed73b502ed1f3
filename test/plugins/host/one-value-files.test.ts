import { describe, expect, test } from "bun:test";
import { ParseError } from "../../../src/errors.ts";
import { parsePressure } from "../../../src/plugins/kernel/pressure.ts";
import { parseThermal } from "../../../src/plugins/kernel/thermal.ts";
import { parseUptime } from "../../../src/plugins/kernel/uptime.ts";
import { captured, readByHand } from "./captures.ts";

describe("/proc/uptime", () => {
  test("seconds since boot", () => {
    expect(parseUptime("1146.73 2242.41\n")).toBe(1146.73);
    expect(parseUptime("31536000.00 0.00\n")).toBe(31536000);
  });

  test.each(["", "1146.73\n", "1146,73 2242,41\n", "-1.00 2.00\n", "1146.73 2242.41 3\n"])("%j", (text) => {
    expect(() => parseUptime(text)).toThrow(new ParseError("/proc/uptime", text));
  });
});

describe("/proc/pressure", () => {
  const path = "/proc/pressure/io";

  test("some tasks waited, with and without the line of all tasks", () => {
    const some = "some avg10=1.10 avg60=0.70 avg300=0.23 total=2679595\n";
    expect(parsePressure(path, `${some}full avg10=9.10 avg60=0.70 avg300=0.23 total=2604097\n`)).toBe(1.1);
    expect(parsePressure(path, some)).toBe(1.1);
  });

  test.each([
    "",
    "full avg10=9.10 avg60=0.70 avg300=0.23 total=1\n",
    "some avg60=0.70 avg300=0.23 total=1\n",
    "some avg10=x avg60=0.70 avg300=0.23 total=1\n",
  ])("%j", (text) => {
    expect(() => parsePressure(path, text)).toThrow(new ParseError(path, text));
  });
});

describe("thermometers", () => {
  test.each([0, 1, 2, 3, 4, 5, 6])("zone %d of a Jetson Nano", (zone) => {
    const path = `sys/class/thermal-jetson-nano/thermal_zone${zone}/temp`;
    expect(parseThermal(path, captured(path))).toBe(readByHand<{ celsius: number }>(path).celsius);
  });

  test("below zero, and without a line feed", () => {
    expect(parseThermal("temp", "-4500")).toBe(-4.5);
  });

  test.each(["", "\n", "hot\n", "54.5\n", "54542\n54542\n", "--1\n"])("%j", (text) => {
    expect(() => parseThermal("/sys/class/thermal/thermal_zone0/temp", text)).toThrow(
      new ParseError("/sys/class/thermal/thermal_zone0/temp", text),
    );
  });
});
