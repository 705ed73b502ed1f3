import { expect, test } from "bun:test";
import fc from "fast-check";
import { createSend } from "../../src/jobs/send.ts";
import { logsTrack } from "../../src/jobs/track.ts";
import { memoryStorage, pushRaw } from "../helpers/memory-storage.ts";
import { counts, setUp as setUpAggregate } from "./aggregate-rig.ts";
import { answering, NOW, sender, setUp as setUpSend, WRAPPED } from "./send-rig.ts";

/** Whatever lies in a queue: it throws nowhere and costs no other record. */
const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string(),
  fc.constantFrom(1, 99, 101, 20_000).map((levels) => `{"tags":${"[".repeat(levels)}${"]".repeat(levels)}}`),
);

/** The right fields, any of them replaced by anything. */
const nearly = (fields: Readonly<Record<string, unknown>>) =>
  fc
    .tuple(
      fc.constantFrom(...Object.keys(fields)),
      fc.oneof(fc.jsonValue(), fc.constantFrom(true, "", 1e300, -0)),
    )
    .map(([field, value]) => JSON.stringify({ ...fields, [field]: value }));

const stranger = (body: string, index: number) => ({ key: `stranger-${index}`, at: NOW - 10, body });

test("any raw metric is aggregated, rejected, expired or waits, and every good one is counted", async () => {
  const raw = { metric: "x", type: "set", value: [1, "a"], timestamp: NOW - 10, tags: { zone: "a", n: 2.5 } };
  const bodies = fc.array(fc.oneof(json, nearly(raw), nearly({ ...raw, type: "gauge", value: 1 })), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(bodies, async (bodies) => {
      const { storage, pass } = setUpAggregate();
      await pushRaw(storage, { metric: "good", timestamp: NOW - 10, value: 3, tags: { known: "good" } });
      await storage.commit({ add: [{ queue: "chouette:metrics:raw", records: bodies.map(stranger) }] });
      const { raw, rejected, expired } = await pass();
      const { count } = await storage.size("chouette:metrics:raw");
      expect(raw + rejected.count + expired + count).toBe(bodies.length + 1);
      const points = await storage.peek(WRAPPED, { limit: 1000, maxBytes: 1e9, maxBody: 1e9 });
      expect(points.filter(({ body }) => body?.includes('"known:good"')).length).toBe(1);
      expect((await counts(storage)).doubled).toEqual([]);
    }),
  );
});

test("any record of points is sent or put aside, and every good one arrives", async () => {
  const point = {
    metric: "x",
    tags: ["a:b"],
    points: [[NOW - 10, 1]],
    type: "count",
    interval: 10,
    host: "pi",
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(json, nearly(point)), { maxLength: 20 }), async (bodies) => {
      const { intake, bodies: sent } = answering();
      const { storage, release, queue } = setUpSend(intake);
      await queue(2);
      await storage.commit({ add: [{ queue: WRAPPED, records: bodies.map(stranger) }] });
      const { malformed, rejected, remaining } = await release();
      expect(rejected.count + remaining).toBe(0);
      expect(malformed.count).toBeLessThanOrEqual(bodies.length);
      const names = sent.flatMap(({ series }) => series.map(({ metric }) => metric));
      expect(names).toEqual(expect.arrayContaining(["m0", "m1"]));
    }),
  );
});

test("any log is sent or put aside, and every good one arrives", async () => {
  const log = {
    date: "",
    ddtags: ["a:b"],
    level: "INFO",
    message: { msg: "text" },
    hostname: "pi",
    status: null,
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(json, nearly(log)), { maxLength: 20 }), async (bodies) => {
      const storage = memoryStorage(() => NOW);
      const { clock } = setUpSend(answering().intake);
      const { intake, bodies: sent } = answering();
      const send = createSend(
        {
          storage,
          intake,
          clock,
          owner: "test",
          random: () => 0,
          releaseInterval: 60,
          selfMetrics: undefined,
        },
        logsTrack(sender, { version: 2, ttl: 64_800 }),
      );
      const good = { key: "good", at: NOW - 10, body: '{"message":"good"}' };
      await storage.commit({
        add: [{ queue: "chouette:logs:wrapped", records: [...bodies.map(stranger), good] }],
      });
      const report = await send(
        { seconds: 48, letFinish: false, attempts: 3, patience: 0, longestPause: 30 },
        new AbortController().signal,
      );
      expect(report.delivered + report.malformed.count).toBe(bodies.length + 1);
      expect([report.rejected.count, report.remaining]).toEqual([0, 0]);
      expect(JSON.stringify(sent)).toContain('"message":"good"');
    }),
  );
});
