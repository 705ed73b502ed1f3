import { expect, test } from "bun:test";
import { showUnit } from "../../src/io/show-unit.ts";

test("there is nothing to be waited for once the time is over", async () => {
  await expect(showUnit("chouette.service", ["LoadState"], AbortSignal.abort())).rejects.toThrow();
});
