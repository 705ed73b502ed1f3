import { describe, expect, test } from "bun:test";
import type { Io } from "../../../src/plugins/plugin.ts";
import { installVcgencmd, parseMeasured, vcgencmd } from "../../../src/plugins/rpi/vcgencmd.ts";
import { captures } from "./captures.ts";

const never = new AbortController().signal;

const place: Io["place"] = () => ({ container: false, user: "chouette", uid: 998 });

describe("measured", () => {
  test.each(captures<{ celsius: number }>("vcgencmd measure_temp"))("%s", (_, text, { celsius }) => {
    expect(parseMeasured(text.trim())).toBe(celsius);
  });

  test("a log of several calls, line by line", () => {
    type Log = { arm_hz: number; celsius: number };
    const [[, text, expected] = ["", "", undefined]] = captures<Log>("shell log of several vcgencmd calls");
    const [clock, temperature, throttled] = text.trim().split("\n").map(parseMeasured);
    expect(clock).toBe(expected?.arm_hz);
    expect(temperature).toBe(expected?.celsius);
    expect(throttled).toBeUndefined();
  });

  test.each([
    ...captures("vcgencmd measure_volts").map(([, text]) => text.trim()),
    "",
    "temp=",
    "temp='C",
    "temp=62.3'F",
    `temp=${"9".repeat(400)}'C`,
    "frequency()=1",
    "VCHI initialization failed",
  ])("%p is neither a temperature nor a frequency", (line) => {
    expect(parseMeasured(line)).toBeUndefined();
  });
});

describe("the program", () => {
  test("its words, and its first line", async () => {
    const commands: string[][] = [];
    let left = false;
    const lines: Io["lines"] = async function* (command) {
      commands.push([...command]);
      try {
        yield "temp=39.2'C \r";
        yield "more";
      } finally {
        left = true;
      }
    };
    expect(await vcgencmd({ lines, place }, ["measure_temp"], never)).toBe("temp=39.2'C");
    expect({ commands, left }).toEqual({ commands: [["vcgencmd", "measure_temp"]], left: true });
  });

  test("fails when it prints nothing", async () => {
    const lines: Io["lines"] = async function* () {};
    await expect(vcgencmd({ lines, place }, ["get_throttled"], never)).rejects.toThrow(
      "vcgencmd printed nothing",
    );
  });
});

test("advice on vcgencmd fits the service and a container", () => {
  expect(installVcgencmd(place())).toBe(
    "sudo apt install raspi-utils && sudo usermod -aG video chouette && sudo systemctl restart chouette",
  );
  expect(installVcgencmd({ ...place(), container: true })).toContain("run the agent on the host");
});
