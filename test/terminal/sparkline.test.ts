import { expect, test } from "bun:test";
import { toAscii } from "../../src/terminal/ascii.ts";
import { sparkline } from "../../src/terminal/sparkline.ts";

test.each([
  [[], 8, ""],
  [[0, 0], 8, "▁▁"],
  [[0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"],
  [[5], 8, "█"],
  [[9, 0, 14], 2, "▁█"],
  [[1, 100_000, 0], 8, "▂█▁"],
])("the values %j on %p characters are %p", (values, width, bars) => {
  expect(sparkline(values, width)).toBe(bars);
});

test("every bar has a sign in ASCII", () => {
  expect(toAscii(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8))).toBe("_.-=+*%#");
});
