import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { ACCEPTED, BAD, delivery, LARGE, upTo } from "./deliver-rig.ts";

const limits = fc.record({
  items: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20 })),
  points: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20 })),
  rawBytes: fc.oneof(fc.constant(Infinity), fc.integer({ min: 6, max: 200 })),
  wireBytes: fc.oneof(fc.constant(Infinity), fc.integer({ min: 20, max: 60 })),
});

test("a delivery rejects no good item, accepts no bad one, and leaves nothing unless the intake is in doubt", async () => {
  const queue = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 60 });
  const maxAnswered = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 60 }));
  const trust = fc.boolean();
  const share = fc.constantFrom(0, 1, 3, 10, 100);
  await fc.assert(
    fc.asyncProperty(
      queue,
      share,
      limits,
      maxAnswered,
      trust,
      async (values, modulus, some, most, trusted) => {
        const isBad = (value: number) => modulus > 0 && value % modulus === 0;
        const { result, accepted, rejected } = await delivery(
          values,
          (sent) => (sent.length > most ? LARGE : sent.some(isBad) ? BAD : ACCEPTED),
          { limits: some, weight: (value) => (value % 3) + 1, trusted },
        );
        const refused = rejected.map(([value]) => value);
        const reported = [...accepted.flat(), ...refused];
        expect(new Set(reported).size).toBe(reported.length);
        expect([accepted.flat().filter(isBad), refused.filter((value) => !isBad(value))]).toEqual([[], []]);
        const left = values.filter((value) => !reported.includes(value));
        expect(result.outcome).toBe(left.length > 0 ? "hold" : "accepted");
        expect(left.length === 0 || left.some(isBad)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("an intake that breaks at any request costs no more records than it has accepted requests, and one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 200 }),
      limits,
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      fc.constantFrom(BAD, LARGE),
      async (count, some, breaks, trusted, refusal) => {
        const { accepted, rejected } = await delivery(
          upTo(count),
          (_, request) => (request < breaks ? ACCEPTED : refusal),
          { limits: { ...some, rawBytes: Infinity, wireBytes: Infinity }, trusted },
        );
        expect(rejected.length).toBeLessThanOrEqual(accepted.length + (trusted ? 1 : 0));
      },
    ),
    { numRuns: 300 },
  );
});

test("an intake that fails at any time has nothing reported twice, and the rest is delivered later", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      limits,
      fc.integer({ min: 1, max: 20 }),
      async (count, some, at) => {
        const gone: Delivery = { outcome: "retry", status: 0, error: "gone" };
        const isBad = (value: number) => value % 17 === 3;
        const answer = (sent: number[]) => (sent.some(isBad) ? BAD : ACCEPTED);
        const first = await delivery(upTo(count), (sent, request) => (request === at ? gone : answer(sent)), {
          limits: some,
        });
        const done = [...first.accepted.flat(), ...first.rejected.map(([value]) => value)];
        const rest = upTo(count).filter((value) => !done.includes(value));
        const trusted = first.accepted.length > 0;
        const second = await delivery(rest, answer, { limits: some, trusted });
        const onlyBad = rest.length > 1 && rest.every(isBad);
        expect(second.result.outcome).toBe(onlyBad ? "hold" : "accepted");
        const all = [first, second].flatMap(({ accepted }) => accepted.flat()).sort((a, b) => a - b);
        expect(all).toEqual(upTo(count).filter((value) => !isBad(value)));
      },
    ),
  );
});
