import { describe, expect, test } from "bun:test";
import { parseBoard } from "../../../src/plugins/kernel/board.ts";
import { captures } from "../rpi/captures.ts";

type Cpuinfo = { model: string | null; hardware: string | null };

describe("device tree", () => {
  test.each(captures<{ model: string }>("device-tree model"))("%s", (_, text, { model }) => {
    expect(parseBoard(text, "")).toEqual({ pi: model.startsWith("Raspberry Pi"), model });
  });

  test("has the last word", () => {
    const [[, cpuinfo] = ["", ""]] = captures("/proc/cpuinfo");
    expect(parseBoard("NVIDIA Jetson Nano Developer Kit\0", cpuinfo)).toEqual({
      pi: false,
      model: "NVIDIA Jetson Nano Developer Kit",
    });
  });
});

describe("/proc/cpuinfo alone", () => {
  test.each(captures<Cpuinfo>("/proc/cpuinfo"))("%s", (_, text, { model, hardware }) => {
    const pi = model?.startsWith("Raspberry Pi") ?? hardware === "BCM2835";
    expect(parseBoard(undefined, text)).toEqual({ pi, ...(model !== null && { model }) });
  });

  test.each([
    ["BCM2708", true],
    ["BCM2709", true],
    ["BCM2711", true],
    ["BCM2712", true],
    ["BCM2837", true],
    ["BCM21553", false],
    ["BCM27", false],
    ["Allwinner sun8i Family", false],
  ])("Hardware %s", (hardware, pi) => {
    expect(parseBoard(undefined, `processor : 0\nHardware : ${hardware}\n`)).toEqual({ pi });
  });

  test("no text", () => {
    expect(parseBoard(undefined, "")).toEqual({ pi: false });
  });
});
