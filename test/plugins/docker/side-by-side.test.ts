import { expect, test } from "bun:test";
import fc from "fast-check";
import { sideBySide } from "../../../src/plugins/docker/side-by-side.ts";

test("every item is worked on once, never more than the limit at a time, and results keep the items' order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.nat({ max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, count, limit) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const begun: number[] = [];
        let underWay = 0;
        let most = 0;
        const work = async (item: number) => {
          begun.push(item);
          underWay += 1;
          most = Math.max(most, underWay);
          await scheduler.schedule(Promise.resolve());
          underWay -= 1;
          return item * 2;
        };
        const results = sideBySide(limit, items, work);
        expect(await scheduler.waitFor(results)).toEqual(items.map((item) => item * 2));
        expect(begun).toEqual(items);
        expect(most).toBe(Math.min(limit, count));
      },
    ),
  );
});

test("rejects as soon as one piece of work does", async () => {
  const work = (item: number) => (item === 2 ? Promise.reject(new Error("two")) : Promise.resolve(item));
  await expect(sideBySide(2, [1, 2, 3], work)).rejects.toThrow("two");
});
