import { expect, test } from "bun:test";
import { type FlushResult, formatFlush } from "../../src/commands/flush.ts";
import { flushRig, LOG } from "./flush-rig.ts";

const delivered: FlushResult = {
  aggregated: { raw: 3, points: 2 },
  delivered: { metrics: 2, logs: 1, bytes: 377 },
  remaining: { metrics: 0, logs: 0 },
  dropped: { expired: 0, rejected: 0, malformed: 0 },
  outcome: "delivered",
  errors: [],
};

test("all is delivered", () => {
  expect(formatFlush(delivered, false)).toBe(
    `aggregated  3 raw metrics into 2 points
delivered   2 points and 1 log, 377 B on the wire
remaining   0 metrics and 0 logs
everything is delivered
`,
  );
});

test("something is left, and something was put aside", () => {
  const result: FlushResult = {
    ...delivered,
    remaining: { metrics: 1, logs: 20 },
    dropped: { expired: 4, rejected: 1, malformed: 2 },
    outcome: "partial",
    errors: ["the network is down", "send logs: somebody is at work"],
  };
  expect(formatFlush(result, false)).toBe(
    `aggregated  3 raw metrics into 2 points
delivered   2 points and 1 log, 377 B on the wire
remaining   1 metric and 20 logs
dropped     4 expired, 1 rejected by the intake, 2 malformed (to look at them: chouette inspect-queue rejected --peek 5)
partial: the network is down
         send logs: somebody is at work
`,
  );
});

test("what has expired is nowhere to be looked at", () => {
  const result = { ...delivered, dropped: { expired: 4, rejected: 0, malformed: 0 } };
  expect(formatFlush(result, false).split("\n")[3]).toBe(
    "dropped     4 expired, 0 rejected by the intake, 0 malformed",
  );
});

test("nobody knows what is left", () => {
  const result: FlushResult = {
    ...delivered,
    remaining: { metrics: null, logs: null },
    outcome: "failed",
    errors: ["Redis is out of reach."],
  };
  expect(formatFlush(result, false).split("\n").slice(2)).toEqual([
    "remaining   not known",
    "failed: Redis is out of reach.",
    "",
  ]);
});

test("a dry run says that it was one", () => {
  const result = { ...delivered, dropped: { expired: 0, rejected: 0, malformed: 2 } };
  expect(formatFlush(result, true).split("\n").slice(3)).toEqual([
    "dropped     0 expired, 0 rejected by the intake, 2 malformed",
    "what was not dropped would be delivered; this was a dry run: nothing has left this machine, and the queues are as they were",
    "",
  ]);
});

test("a dry run that does not come to its end", () => {
  const result: FlushResult = {
    ...delivered,
    outcome: "partial",
    errors: ["records came meanwhile; type it again"],
  };
  expect(formatFlush(result, true).split("\n").slice(3)).toEqual([
    "partial: records came meanwhile; type it again",
    "this was a dry run: nothing has left this machine, and the queues are as they were",
    "",
  ]);
});

test("the command prints it", async () => {
  const { call, queue } = flushRig();
  await queue("chouette:logs:wrapped", LOG);
  const { code, printed, noted } = await call();
  expect({ code, noted, printed: printed.replace(/\d+ B/, "N B") }).toEqual({
    code: 0,
    noted: "",
    printed: `aggregated  0 raw metrics into 0 points
delivered   0 points and 1 log, N B on the wire
remaining   0 metrics and 0 logs
everything is delivered
`,
  });
});
