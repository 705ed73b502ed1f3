import { expect, test } from "bun:test";
import { parseLoadavg } from "../../../src/plugins/host/loadavg.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";
import { captured, readByHand } from "./captures.ts";

test("what a machine prints", () => {
  const path = "proc/loadavg/procfs.txt";
  const expected = readByHand<Record<string, number>>(path);
  expect(parseLoadavg(captured(path), noSkip)).toEqual({
    one: expected["1m"] ?? NaN,
    five: expected["5m"] ?? NaN,
    fifteen: expected["15m"] ?? NaN,
    runnable: 1,
    threads: 497,
  });
});

test.each([
  "",
  "0.02 0.04 0.05",
  "0,02 0,04 0,05 1/497 11947\n",
  "-0.02 0.04 0.05 1/497 11947\n",
  "0.02 0.04 0.05 1-497 11947\n",
])("%j is skipped", (text) => {
  const { value, skipped } = skipping((skip) => parseLoadavg(text, skip));
  expect(value).toBeUndefined();
  expect(skipped).toEqual([["/proc/loadavg", text]]);
});
