import { expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { readLastDelivery } from "../../src/jobs/last-delivery.ts";
import { accepted, memoryIntake } from "../helpers/memory-intake.ts";
import { answering, NOW, setUp, unheard, WRAPPED } from "./send-rig.ts";

test.each([
  ["400", "bisect", 1],
  ["413", "halve", 0],
] as const)(
  "an intake that answers %s to everything from some time on costs few records, though each release has one more",
  async (status, outcome, lost) => {
    const refused: Delivery = { outcome, status: Number(status), error: "no" };
    const { intake } = answering(accepted, ...Array(1000).fill(refused));
    const { clock, storage, release, queue } = setUp(intake);
    await queue(1);
    await release();
    for (let n = 0; n < 8; n++) {
      await queue(1, clock.now(), `late${n}`);
      await release();
      clock.pass(60);
    }
    expect((await storage.size(`${WRAPPED}:rejected`)).count).toBe(lost);
    expect((await storage.size(WRAPPED)).count).toBe(8 - lost);
    expect(await readLastDelivery(storage)).toMatchObject({ outcome: "held" });
  },
);

test("an intake that refuses a whole backlog with 413 has nothing thrown away", async () => {
  const refused: Delivery = { outcome: "halve", status: 413, error: "too large" };
  const { intake } = answering(accepted, ...Array(1000).fill(refused));
  const { clock, storage, release, queue } = setUp(intake);
  await queue(1);
  await release();
  await queue(200);
  for (let n = 0; n < 4; n++) {
    expect(await release()).toMatchObject({
      remaining: 200,
      rejected: { count: 0 },
      failure: { outcome: "hold", status: 413 },
    });
    clock.pass(60);
  }
  expect((await storage.size(`${WRAPPED}:rejected`)).count).toBe(0);
});

test("rejected records are the outcome of the last delivery until a release rejects none", async () => {
  const intake = memoryIntake(({ text }) =>
    text.includes('"m3"') ? { outcome: "bisect", status: 400, error: "bad series" } : accepted,
  );
  const { storage, release, queue } = setUp(intake);
  await queue(8);
  await release();
  expect(await readLastDelivery(storage)).toEqual({
    at: NOW,
    outcome: "rejected",
    error: expect.stringContaining("bad series"),
  });
  await queue(2);
  await release();
  expect(await readLastDelivery(storage)).toEqual({ at: NOW, outcome: "delivered", error: null });
});

test("bad records at the head of the queue do not block those behind them, also after an outage", async () => {
  let down = true;
  const intake = memoryIntake(({ text }) => {
    if (down) return unheard;
    return /"m(\d|1\d)"/.test(text) ? { outcome: "bisect", status: 400, error: "bad series" } : accepted;
  });
  const { clock, release, queue } = setUp(intake);
  await queue(60);
  await release();
  down = false;
  clock.pass(60);
  await release();
  clock.pass(60);
  expect(await release()).toMatchObject({ remaining: 0, failure: undefined });
});
