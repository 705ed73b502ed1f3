import { describe, expect, test } from "bun:test";
import type { Delivery, KeyAnswer } from "../../src/datadog/delivery.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { flushRig, NOW } from "./flush-rig.ts";

const answering = (key: KeyAnswer) => flushRig(memoryIntake(), {}, key);
const site = "api.datadoghq.eu";

describe("flush with empty queues", () => {
  test("says that the intake accepts the key", async () => {
    const { call, json } = answering({ answer: "accepted" });
    expect((await call()).printed).toEndWith(`key         accepted by ${site}\neverything was delivered\n`);
    expect((await json()).result).toMatchObject({ outcome: "delivered", key: { site, answer: "accepted" } });
  });

  test("says that nothing is known about the key where another server answers", async () => {
    const { code, printed } = await answering({ answer: "unknown", error: "404" }).call();
    expect(code).toBe(0);
    expect(printed).toEndWith(
      `key         not known: ${site} does not say whether it accepts it\neverything was delivered\n`,
    );
  });

  test.each(["refused", "silent"] as const)("fails when the answer is %s", async (answer) => {
    const error = "api.datadoghq.eu refused the API key (403)";
    const { call, json } = answering({ answer, error });
    const { code, printed } = await call();
    expect(code).toBe(1);
    expect(printed).toEndWith(`\nfailed: ${error}\n`);
    expect(await json()).toMatchObject({
      code: 1,
      result: { outcome: "failed", errors: [error], key: { site, answer } },
    });
  });
});

describe("flush asks nothing about the key", () => {
  const wrong: KeyAnswer = { answer: "refused", error: "asked" };

  test("when the intake has taken something", async () => {
    const { count, json } = answering(wrong);
    await count(1, NOW - 60);
    expect(await json()).toMatchObject({ code: 0, result: { outcome: "delivered", errors: [] } });
  });

  test("when the intake has refused something", async () => {
    const refused: Delivery = { outcome: "hold", status: 403, error: "said by the delivery" };
    const { count, json } = flushRig(
      memoryIntake(() => refused),
      {},
      wrong,
    );
    await count(1, NOW - 60);
    expect((await json()).result.errors).toEqual(["said by the delivery"]);
  });
});
