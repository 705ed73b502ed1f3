import { expect, test } from "bun:test";
import fc from "fast-check";
import { sideBySide } from "../../src/plugins/side-by-side.ts";

test("never more work at a time than the limit, and results in the order of the items", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.nat({ max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, count, limit) => {
        const items = Array.from({ length: count }, (_, index) => index);
        let underWay = 0;
        let most = 0;
        const results = sideBySide(limit, items, async (item) => {
          underWay += 1;
          most = Math.max(most, underWay);
          await scheduler.schedule(Promise.resolve());
          underWay -= 1;
          return -item;
        });
        expect(await scheduler.waitFor(results)).toEqual(items.map((item) => -item));
        expect(most).toBe(Math.min(limit, count));
      },
    ),
  );
});

test("rejects when one piece of work does", async () => {
  const work = (item: number) => (item === 2 ? Promise.reject(new Error("two")) : Promise.resolve(item));
  await expect(sideBySide(2, [1, 2, 3], work)).rejects.toThrow("two");
});
