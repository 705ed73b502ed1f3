import { describe, expect, test } from "bun:test";
import { ACCEPTED, BAD, delivery, LARGE, upTo } from "./deliver-rig.ts";

const values = (rejected: [value: number, reason: string][]) =>
  rejected.map(([value]) => value).sort((a, b) => a - b);

describe("an intake that refuses every request", () => {
  test.each([BAD, LARGE])("has no record thrown away, however many there are ($status)", async (refusal) => {
    for (const count of [1, 2, 10, 11, 200, 10_000]) {
      const { result, posts, rejected } = await delivery(upTo(count), () => refusal);
      expect([result.outcome, result.status]).toEqual(["hold", refusal.status]);
      expect(result.error).toContain(`refused each record sent alone (${Math.min(count, 20)})`);
      expect(result.error).toContain("check DATADOG_URL");
      expect(result.error).toContain(refusal.error);
      expect(rejected).toEqual([]);
      expect(posts.length).toBeLessThan(60);
    }
  });

  test("after it has accepted something before costs one record refused with 400, and none refused with 413", async () => {
    const one = await delivery([7], () => BAD, { trusted: true });
    expect([one.result.outcome, values(one.rejected)]).toEqual(["accepted", [7]]);
    for (const [count, refusal] of [
      [2, BAD],
      [11, BAD],
      [1, LARGE],
      [200, LARGE],
    ] as const) {
      const { result, rejected } = await delivery(upTo(count), () => refusal, { trusted: true });
      expect([count, result.outcome, rejected]).toEqual([count, "hold", []]);
    }
  });

  test.each([BAD, LARGE])(
    "after one request of the same call costs one record at most ($status)",
    async (refusal) => {
      for (const count of [3, 4, 12, 300]) {
        const { result, accepted, rejected } = await delivery(
          upTo(count),
          (_, request) => (request === 1 ? ACCEPTED : refusal),
          { limits: { items: 2 } },
        );
        expect(accepted).toEqual([[0, 1]]);
        expect(rejected.length).toBe(count === 3 ? 1 : 0);
        expect(result.outcome).toBe(count === 3 ? "accepted" : "hold");
      }
    },
  );

  test("is explained with the variables of its track, and with proxies for a 413", async () => {
    const { result } = await delivery([1], () => BAD, { track: "logs" });
    expect(result.error).toContain("check DATADOG_LOGS_URL and LOGS_API_VERSION");
    const { result: large } = await delivery([1], () => LARGE, { track: "logs" });
    expect(large.error).toContain("the size limit of any proxy on the way");
  });
});

describe("a record refused with 413 although it is alone", () => {
  const sized = (size: number) => (value: number) => (value === 9 ? size : 1);
  const only = (refused: number) => (sent: number[]) => (sent.includes(refused) ? LARGE : ACCEPTED);

  test("is kept when everything accepted in the call was smaller", async () => {
    const { result, accepted, rejected } = await delivery([1, 9, 2], only(9), {
      limits: { items: 1 },
      padding: sized(400),
    });
    expect([result.outcome, accepted, rejected]).toEqual(["hold", [[1], [2]], []]);
  });

  test("is rejected when something larger was accepted in the call, before it or after it", async () => {
    for (const sent of [
      [1, 2, 9],
      [9, 1, 2],
    ]) {
      const { result, rejected } = await delivery(sent, only(9), {
        limits: { items: 1 },
        padding: (value) => (value === 2 ? 800 : sized(400)(value)),
      });
      expect([result.outcome, values(rejected)]).toEqual(["accepted", [9]]);
    }
  });

  test("is rejected when it is large itself and anything was accepted in the call", async () => {
    const sent = () => delivery([9, 1], only(9), { limits: { items: 1 }, padding: sized(200_000) });
    expect(values((await sent()).rejected)).toEqual([9]);
    const alone = await delivery([9], () => LARGE, { padding: sized(200_000), trusted: true });
    expect([alone.result.outcome, alone.rejected]).toEqual(["hold", []]);
  });
});

describe("bad records among good ones", () => {
  test("are all rejected when good ones follow, though they are the first hundreds", async () => {
    const { result, accepted, rejected } = await delivery(upTo(2000), (sent) =>
      sent.some((value) => value < 500) ? BAD : ACCEPTED,
    );
    expect(result).toEqual(ACCEPTED);
    expect(accepted.flat().sort((a, b) => a - b)).toEqual(upTo(2000).slice(500));
    expect(values(rejected)).toEqual(upTo(500));
  });

  test("do not keep the newest record from being delivered, though they are hundreds before it", async () => {
    const { result, accepted, rejected } = await delivery(upTo(1000), (sent) =>
      sent.some((value) => value >= 500 && value < 999) ? BAD : ACCEPTED,
    );
    expect(result).toMatchObject({ outcome: "hold", status: 400 });
    expect(accepted).toEqual([upTo(500), [999]]);
    expect(rejected.length).toBe(19);
  });

  test("are kept at the end of the queue when there are more of them than accepted requests", async () => {
    const { result, accepted, rejected } = await delivery([1, 2, 3, 101, 102, 103], (sent) =>
      sent.some((value) => value > 100) ? BAD : ACCEPTED,
    );
    expect(result).toMatchObject({ outcome: "hold", status: 400 });
    expect([accepted, rejected]).toEqual([[[1, 2, 3]], []]);
  });
});
