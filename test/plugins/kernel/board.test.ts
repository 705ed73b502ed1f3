import { describe, expect, test } from "bun:test";
import { parseBoard } from "../../../src/plugins/kernel/board.ts";
import { captures } from "../rpi/captures.ts";

type Cpuinfo = { model: string | null; hardware: string | null };

describe("device tree", () => {
  test.each(captures<{ model: string }>("device-tree model"))("%s", (_, text, { model }) => {
    expect(parseBoard(text, "", false)).toEqual({
      raspberryPi: model.startsWith("Raspberry Pi"),
      jetson: /nvidia|jetson/i.test(model),
      model,
    });
  });

  test("has the last word", () => {
    const [[, cpuinfo] = ["", ""]] = captures("/proc/cpuinfo");
    expect(parseBoard("NVIDIA Jetson Nano Developer Kit\0", cpuinfo, false)).toEqual({
      raspberryPi: false,
      jetson: true,
      model: "NVIDIA Jetson Nano Developer Kit",
    });
  });
});

describe("/proc/cpuinfo alone", () => {
  test.each(captures<Cpuinfo>("/proc/cpuinfo"))("%s", (_, text, { model, hardware }) => {
    const pi = model?.startsWith("Raspberry Pi") ?? hardware === "BCM2835";
    expect(parseBoard(undefined, text, false)).toEqual({
      raspberryPi: pi,
      jetson: false,
      ...(model !== null && { model }),
    });
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
    expect(parseBoard(undefined, `processor : 0\nHardware : ${hardware}\n`, false)).toEqual({
      raspberryPi: pi,
      jetson: false,
    });
  });

  test("no text", () => {
    expect(parseBoard(undefined, "", false)).toEqual({ raspberryPi: false, jetson: false });
  });
});

test("NVIDIA's release file shows a Jetson whose model is a code name", () => {
  expect(parseBoard("quill\0", "", true)).toEqual({ raspberryPi: false, jetson: true, model: "quill" });
  expect(parseBoard(undefined, "", true)).toEqual({ raspberryPi: false, jetson: true });
});
