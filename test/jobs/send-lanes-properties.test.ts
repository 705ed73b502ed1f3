import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { testClock } from "../helpers/clock.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { NOW, setUp, unheard } from "./send-rig.ts";

/** Live: younger than two release intervals of 60 s. */
const LIVE = 120;

const outcome = fc.constantFrom<Delivery>(
  accepted,
  accepted,
  unheard,
  { ...unheard, unanswered: true },
  { ...unheard, status: 503 },
);

test("whatever is accepted when, each point arrives once, and no request has anything older before all live points are there", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 8000 }), { minLength: 1, maxLength: 60 }),
      fc.array(outcome, { maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      async (ages, outcomes, bulk) => {
        const clock = testClock(NOW);
        const answers = [...outcomes];
        /** Ages of the points that arrived, by request. */
        const arrived: number[][] = [];
        const intake = memoryIntake(({ body }) => {
          const answer = answers.shift() ?? accepted;
          const points = body.series.flatMap((series) => series.points.map(([second]) => NOW - second));
          if (answer === accepted) arrived.push(points);
          return answer;
        });
        const { release, queue } = setUp(intake, { clock, bulk });
        for (const age of ages) await queue(1, NOW - age, `${age}-`);
        for (let n = 0; n < 100; n++) {
          const live = new Set(ages.filter((age) => age + clock.now() - NOW <= LIVE));
          const before = arrived.length;
          let left = [...live].filter((age) => !arrived.flat().includes(age)).length;
          const { remaining } = await release();
          for (const request of arrived.slice(before)) {
            expect(request.every((age) => live.has(age))).toBe(left > 0);
            left -= request.filter((age) => live.has(age)).length;
          }
          if (remaining === 0) break;
          clock.pass(60);
        }
        expect(arrived.flat().sort((a, b) => a - b)).toEqual(ages.toSorted((a, b) => a - b));
      },
    ),
    { numRuns: 100 },
  );
});
