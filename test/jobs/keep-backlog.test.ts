import { expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { createKeepBacklog } from "../../src/jobs/keep-backlog.ts";
import { testClock } from "../helpers/clock.ts";

const failure: Delivery = { outcome: "retry", status: 0, error: "the network is unreachable" };

test("moves the backlog to the card once deliveries have failed for a release interval, then at each release", async () => {
  const clock = testClock(1000);
  const persisted: number[] = [];
  const keep = createKeepBacklog({
    storage: { persist: async () => void persisted.push(clock.now()) },
    clock,
    releaseInterval: 60,
  });
  const release = async (at: number, result: Delivery | undefined, track: "metrics" | "logs" = "metrics") => {
    clock.pass(at - clock.now());
    await keep({ track, failure: result });
  };
  await release(1048, failure);
  expect(persisted).toEqual([]);
  await release(1108, failure);
  await release(1168, failure);
  expect(persisted).toEqual([1108, 1168]);
  await release(1228, undefined);
  await release(1288, failure);
  await release(1300, failure, "logs");
  expect(persisted).toEqual([1108, 1168]);
});

test("writes the positions of logs to the card every 15 minutes while deliveries succeed", async () => {
  const clock = testClock(1000);
  const persisted: unknown[] = [];
  const keep = createKeepBacklog({
    storage: { persist: async (what) => void persisted.push([clock.now(), what]) },
    clock,
    releaseInterval: 60,
  });
  for (let at = 1000; at <= 3000; at += 60) {
    await keep({ track: "logs", failure: undefined });
    await keep({ track: "metrics", failure: undefined });
    clock.pass(60);
  }
  expect(persisted).toEqual([
    [1000, "logs"],
    [1900, "logs"],
    [2800, "logs"],
  ]);
});
