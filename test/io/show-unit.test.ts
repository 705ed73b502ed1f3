import { expect, test } from "bun:test";
import { showUnit } from "../../src/io/show-unit.ts";

test("showUnit gives up when its time is over", async () => {
  await expect(showUnit("chouette.service", ["LoadState"], AbortSignal.abort())).rejects.toThrow();
});
