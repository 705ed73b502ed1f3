import { describe, expect, test } from "bun:test";
import { parseLifeTime, parsePreEol } from "../../../src/plugins/rpi/parse-emmc.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";

describe("life_time", () => {
  test.each([
    ["0x01 0x02\n", { a: 10, b: 20 }],
    ["0x01 0x00\n", { a: 10 }],
    ["0x00 0x00\n", {}],
    ["0x0a 0x0b\n", { a: 100, b: 110 }],
    ["0x0c 0xff\n", {}],
    ["0x0A 0x0B", { a: 100, b: 110 }],
  ])("%p", (text, expected) => {
    expect(parseLifeTime(text, "life_time", noSkip)).toEqual(expected);
  });

  test.each(["0x01", "1 2", "0x01 0x02 0x03", "0x1 0x2", "0x0g 0x01"])("%p is skipped", (text) => {
    const { value, skipped } = skipping((skip) => parseLifeTime(text, "life_time", skip));
    expect([value, skipped]).toEqual([{}, [["life_time", text]]]);
  });

  test("an empty text says nothing", () => {
    expect(parseLifeTime("\n", "life_time", noSkip)).toEqual({});
  });
});

describe("pre_eol_info", () => {
  test.each([
    ["0x00\n", undefined],
    ["0x01\n", 1],
    ["0x02\n", 2],
    ["0x03\n", 3],
    ["0x04\n", undefined],
  ])("%p", (text, level) => {
    expect(parsePreEol(text, "pre_eol_info", noSkip)).toBe(level);
  });

  test.each(["1", "0x01 0x01"])("%p is skipped", (text) => {
    const { value, skipped } = skipping((skip) => parsePreEol(text, "pre_eol_info", skip));
    expect([value, skipped]).toEqual([undefined, [["pre_eol_info", text]]]);
  });
});
