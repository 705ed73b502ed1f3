import { expect, test } from "bun:test";
import { runLane } from "../../src/schedule/lane.ts";

async function* list(...ticks: number[]) {
  yield* ticks;
}

test("a failure is reported, does not stop the lane, and is reported as over later", async () => {
  const reports: unknown[] = [];
  const ran: number[] = [];
  const job = {
    name: "job",
    every: 1,
    run: async (at: number) => {
      ran.push(at);
      if (at === 2) throw new Error("no");
    },
  };
  const good = await runLane(job, list(1, 2, 3), new AbortController().signal, (name, error) =>
    reports.push([name, error]),
  );
  expect({ good, ran, reports }).toEqual({
    good: false,
    ran: [1, 2, 3],
    reports: [
      ["job", undefined],
      ["job", new Error("no")],
      ["job", undefined],
    ],
  });
});

test("a lane ends after the run in which it is stopped", async () => {
  const stop = new AbortController();
  const ran: number[] = [];
  const run = async (at: number) => {
    ran.push(at);
    stop.abort();
  };
  const job = { name: "job", every: 1, run };
  expect(await runLane(job, list(1, 2), stop.signal, () => {})).toBe(true);
  expect(ran).toEqual([1]);
});
