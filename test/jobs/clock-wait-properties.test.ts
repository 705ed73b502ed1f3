import { expect, test } from "bun:test";
import fc from "fast-check";
import { readDropped } from "../../src/storage/counts/read-dropped.ts";
import { device, NOON } from "./clock-wait-rig.ts";

type Step =
  | { capture: true }
  | { pass: number }
  | { turn: number }
  | { network: boolean }
  | { release: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ capture: true as const }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 90 }).map((pass) => ({ pass })) },
  { weight: 1, arbitrary: fc.integer({ min: -25, max: 25 }).map((turn) => ({ turn })) },
  { weight: 1, arbitrary: fc.constantFrom(-86_400, 86_400, -NOON + 1000).map((turn) => ({ turn })) },
  { weight: 1, arbitrary: fc.boolean().map((network) => ({ network })) },
  { weight: 2, arbitrary: fc.constant({ release: true as const }) },
);

test("whatever the clock and the network do, each capture arrives once in a second of its own, or is counted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 60 }), async (isRight, steps) => {
      const pi = await device(isRight ? NOON : 1000);
      let captures = 0;
      for (const step of steps) {
        if ("capture" in step) {
          captures++;
          await pi.capture();
        } else if ("pass" in step) pi.machine.advance(step.pass);
        else if ("turn" in step) pi.machine.set(pi.time() + step.turn);
        else if ("network" in step) pi.network.up = step.network;
        else await pi.release();
        pi.machine.advance(1);
      }
      pi.machine.set(pi.time());
      pi.network.up = true;
      pi.machine.advance(61);
      await pi.release();
      pi.machine.advance(601);
      await pi.release();
      const sent = pi.points().captures ?? [];
      const dropped = Object.values(await readDropped(pi.storage)).reduce((sum, count) => sum + count, 0);
      expect(new Set(sent.map(([, value]) => value)).size).toBe(sent.length);
      expect(sent.length + dropped).toBe(captures);
      expect(new Set(sent.map(([second]) => second)).size).toBe(sent.length);
    }),
    { numRuns: 200 },
  );
});
