import { expect, test } from "bun:test";
import fc from "fast-check";
import { gauge } from "../../src/model.ts";
import { pointRecords } from "../../src/records/group-points.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { recordsOf } from "../helpers/memory-storage.ts";
import { answering, NOW, setUp, unheard, WRAPPED } from "./send-rig.ts";

type Rig = ReturnType<typeof setUp>;

/** Queues captures of these metrics, each as the records that the embedded storage gets. */
async function queueCaptures({ storage }: Pick<Rig, "storage">, ...captures: string[][]): Promise<void> {
  let keys = 0;
  const records = captures.flatMap((names, n) =>
    pointRecords(
      names.map((name) => gauge(name, n, NOW - 60 + n)),
      { host: "", newKey: () => `k${keys++}`, shared: false },
    ),
  );
  await storage.commit({ add: [{ queue: WRAPPED, records }] });
}

/** An intake that refuses each request with a metric whose name begins with `bad`. */
function choosy() {
  return memoryIntake(({ text }) =>
    text.includes('"bad') ? { outcome: "bisect", status: 400, error: "bad series" } : accepted,
  );
}

test("a refused point of a capture costs that point alone", async () => {
  const intake = choosy();
  const rig = setUp(intake);
  await queueCaptures(rig, ["a", "bad", "b"]);
  expect(await rig.release()).toMatchObject({ delivered: 2, rejected: { count: 1 }, remaining: 0 });
  expect(await rig.storage.note("dropped:rejected")).toBe("1");
  expect(await recordsOf(rig.storage, `${WRAPPED}:rejected`)).toEqual([
    {
      reason: expect.stringContaining("bad series"),
      record: expect.stringMatching(/^\{"series":\[\{"metric":"bad",[^}]*\}\]\}$/),
    },
  ]);
});

test("two refused points of one capture are both kept for inspection", async () => {
  const rig = setUp(choosy());
  await queueCaptures(rig, ["a", "bad1", "b", "bad2", "c", "d"]);
  expect(await rig.release()).toMatchObject({ delivered: 4, rejected: { count: 2 }, remaining: 0 });
  expect((await rig.storage.size(`${WRAPPED}:rejected`)).count).toBe(2);
});

test("a capture of which a part was sent waits with the rest, which keeps its key and its time", async () => {
  const { intake, points } = answering(accepted, unheard);
  const rig = setUp(intake, { bulk: 2 });
  await queueCaptures(rig, ["a", "b", "c"]);
  expect(await rig.release({ attempts: 1 })).toMatchObject({ delivered: 2, remaining: 1 });
  expect(await rig.storage.peek(WRAPPED, { limit: 9, maxBytes: 1e6, maxBody: 1e6 })).toMatchObject([
    { key: "k0", at: NOW - 60, body: expect.stringMatching(/^\{"series":\[\{"metric":"c"/) },
  ]);
  rig.clock.pass(600);
  expect(await rig.release()).toMatchObject({ delivered: 1, remaining: 0 });
  expect(points()).toEqual([2, 1, 1]);
});

test("the number of waiting points is measured, not of records", async () => {
  const rig = setUp(answering(unheard).intake);
  await queueCaptures(rig, ["a", "b"], ["a", "b", "c"]);
  expect(await rig.release({ attempts: 1 })).toMatchObject({ delivered: 0, remaining: 5 });
});

test("whatever is refused in whatever requests, each point is delivered once, rejected, or waits", async () => {
  const name = fc.tuple(fc.constantFrom("good", "bad"), fc.nat(30)).map(([kind, n]) => `${kind}${n}`);
  const captures = fc.array(fc.uniqueArray(name, { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(captures, fc.integer({ min: 1, max: 40 }), async (given, bulk) => {
      const taken: string[] = [];
      const intake = memoryIntake(({ text, body }) => {
        if (text.includes('"bad')) return { outcome: "bisect", status: 400, error: "bad series" };
        for (const { metric, points } of body.series)
          for (const [second] of points) taken.push(`${metric}@${second}`);
        return accepted;
      });
      const rig = setUp(intake, { bulk });
      await queueCaptures(rig, ...given);
      for (let release = 0; release < 5; release++) {
        await rig.release();
        rig.clock.pass(60);
      }
      const all = given.flatMap((names, n) => names.map((one) => `${one}@${NOW - 60 + n}`));
      expect(new Set(taken).size).toBe(taken.length);
      expect(all).toEqual(expect.arrayContaining(taken));
      const left = await rig.storage.weight(WRAPPED);
      const rejected = (await rig.storage.size(`${WRAPPED}:rejected`)).count;
      expect(taken.length + left + rejected).toBe(all.length);
    }),
    { numRuns: 15 },
  );
});
