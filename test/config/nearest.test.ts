import { expect, test } from "bun:test";
import { nearest } from "../../src/config/nearest.ts";

const WORDS = ["CAPTURE_INTERVAL", "COLLECT_PLUGINS", "DD_TAGS", "DD_SITE", "HOST", "host", "docker", "rpi"];

test.each([
  ["CAPTURE_INTERVALL", "CAPTURE_INTERVAL"],
  ["CAPTUER_INTERVAL", "CAPTURE_INTERVAL"],
  ["COLLECT_PLUGIN", "COLLECT_PLUGINS"],
  ["DD_TAG", "DD_TAGS"],
  ["hots", "HOST"],
  ["dokcer", "docker"],
  ["rpii", "rpi"],
  ["DD_APM_ENABLED", undefined],
  ["MY_TOKEN", undefined],
  ["x", undefined],
])("%s probably means %s", (typed, word) => {
  expect(nearest(typed, WORDS)).toBe(word as string);
});

test("nothing is nearest to a word where there are none", () => {
  expect(nearest("host", [])).toBeUndefined();
});
