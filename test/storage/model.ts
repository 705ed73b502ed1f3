import { expect, test } from "bun:test";
import fc from "fast-check";
import { LeaseLost } from "../../src/errors.ts";
import { type Change, type PeekOptions, QUEUES, type QueueName } from "../../src/storage/storage.ts";
import { createModel } from "./model-storage.ts";
import type { Rig } from "./rig.ts";

/** Tests that any sequence of operations, but those named `without`, has the same results as on the model. */
export function testModel(open: () => Promise<Rig>, { without = "" } = {}): void {
  test("any sequence of operations has the results of the model", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          step.filter(({ op }) => without === "" || !op.startsWith(without)),
          { minLength: 1, maxLength: 40 },
        ),
        async (steps) => {
          const rig = await open();
          const model = createModel(!rig.storage.shared);
          try {
            for (const { op, run } of steps)
              expect({ op, gives: await run(rig) }).toEqual({ op, gives: await run(model) });
          } finally {
            await rig.close();
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 30_000);
}

type Subject = Pick<Rig, "storage" | "elapse">;
type Step = { op: string; run(subject: Subject): Promise<unknown> };

const SECONDS = 60;
const queue = fc.constantFrom<QueueName>(...QUEUES, "chouette:logs:wrapped:rejected");
const key = fc.constantFrom("a", "b", "c", "d", "é", "f");
const time = fc.integer({ min: -3, max: 12 }).map((n) => n / 2);
const record = fc.record(
  { key, at: time, body: fc.string({ maxLength: 6 }), weight: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: ["key", "at", "body"] },
);
const lease = fc.record({ name: fc.constantFrom("x", "y"), owner: fc.constantFrom("one", "two") });
const bounds = fc.record({ from: time, before: time }, { requiredKeys: [] });
const change: fc.Arbitrary<Change> = fc.record(
  {
    lease,
    remove: fc.array(fc.record({ queue, keys: fc.array(key) }), { maxLength: 2 }),
    add: fc.array(fc.record({ queue, records: fc.array(record) }), { maxLength: 3 }),
    stamps: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
    notes: fc.dictionary(fc.constantFrom("m", "n"), fc.string()),
    dropped: fc.record({ overflow: fc.nat(3), expired: fc.nat(3) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const peekOptions: fc.Arbitrary<PeekOptions> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 8 }),
    maxBytes: fc.nat(20),
    maxBody: fc.nat(6),
    from: time,
    before: time,
    newestFirst: fc.constant(true as const),
  },
  { requiredKeys: ["limit", "maxBytes", "maxBody"] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: stepOf("commit", change, ({ storage }, c) => outcome(storage.commit(c))) },
  {
    weight: 3,
    arbitrary: stepOf("peek", fc.tuple(queue, peekOptions), ({ storage }, a) => storage.peek(...a)),
  },
  {
    weight: 2,
    arbitrary: stepOf("acquire", lease, ({ storage }, l) => storage.acquire(l, SECONDS)),
  },
  stepOf("expire", fc.tuple(queue, time, fc.constant("expired" as const)), ({ storage }, a) =>
    storage.expire(...a),
  ),
  stepOf("size", fc.tuple(queue, bounds), ({ storage }, a) => storage.size(...a)),
  stepOf("weight", fc.tuple(queue, bounds), ({ storage }, a) => storage.weight(...a)),
  stepOf("stamps", fc.tuple(time, time), ({ storage }, a) => storage.stamps(...a)),
  stepOf("keepStamps", fc.nat({ max: 5 }), ({ storage }, a) => storage.keepStamps(a)),
  stepOf("note", fc.constantFrom("m", "n"), ({ storage }, a) => storage.note(a)),
  stepOf("notes", fc.constantFrom("n", "x", "dropped:"), ({ storage }, a) => storage.notes(a)),
  stepOf("release", lease, ({ storage }, l) => storage.release(l)),
  // Their sums never come close to SECONDS, so that the real time that passes in between does not matter.
  stepOf("elapse", fc.constantFrom(7.3, 41.1, -29.7), ({ elapse }, seconds) => elapse(seconds)),
);

function stepOf<T>(
  op: string,
  argument: fc.Arbitrary<T>,
  run: (subject: Subject, argument: T) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return argument.map((a) => ({ op: `${op} ${JSON.stringify(a)}`, run: (subject) => run(subject, a) }));
}

function outcome(commit: Promise<void>): Promise<string> {
  return commit.then(
    () => "done",
    (error) => (error instanceof LeaseLost ? "lease lost" : Promise.reject(error)),
  );
}
