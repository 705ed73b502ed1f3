import { expect, test } from "bun:test";
import { type FlushResult, formatFlush } from "../../src/commands/flush-result.ts";
import { flushRig, LOG } from "./flush-rig.ts";

const OTHERS = { distributions: 0, events: 0, checks: 0 };

const delivered: FlushResult = {
  aggregated: { raw: 3, points: 2 },
  delivered: { metrics: 2, logs: 1, ...OTHERS, bytes: 377 },
  remaining: { metrics: 0, logs: 0, ...OTHERS },
  dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 0 },
  outcome: "delivered",
  errors: [],
};

test("flush shows that everything was delivered", () => {
  expect(formatFlush(delivered, false)).toBe(
    `aggregated  3 raw metrics into 2 points
delivered   2 points and 1 log, 377 B on the wire
remaining   0 metrics and 0 logs
everything was delivered
`,
  );
});

test("flush shows what remains, what was dropped and every error", () => {
  const result: FlushResult = {
    ...delivered,
    remaining: { metrics: 1, logs: 20, ...OTHERS },
    dropped: { expired: 4, too_old: 3, rejected: 1, malformed: 2 },
    outcome: "partial",
    errors: ["the network is down", "send logs: pid 812 is sending"],
  };
  expect(formatFlush(result, false)).toBe(
    `aggregated  3 raw metrics into 2 points
delivered   2 points and 1 log, 377 B on the wire
remaining   1 metric and 20 logs
dropped     4 expired, 3 too old for Datadog (HISTORICAL_METRICS), 1 rejected by the intake, 2 malformed (to see them: chouette inspect-queue rejected --peek 5)
partial: the network is down
         send logs: pid 812 is sending
`,
  );
});

test("flush shows distributions, events and service checks where there are any", () => {
  const result: FlushResult = {
    ...delivered,
    delivered: { metrics: 2, logs: 0, distributions: 1, events: 2, checks: 3, bytes: 377 },
    remaining: { metrics: 0, logs: 0, distributions: 0, events: 0, checks: 1 },
  };
  expect(formatFlush(result, false).split("\n").slice(1, 3)).toEqual([
    "delivered   2 points, 0 logs, 1 distribution, 2 events and 3 service checks, 377 B on the wire",
    "remaining   0 metrics, 0 logs and 1 service check",
  ]);
});

test("flush suggests no command to see expired records, which are gone", () => {
  const result = { ...delivered, dropped: { expired: 4, too_old: 0, rejected: 0, malformed: 0 } };
  expect(formatFlush(result, false).split("\n")[3]).toBe(
    "dropped     4 expired, 0 rejected by the intake, 0 malformed",
  );
});

test("flush shows that it does not know what remains", () => {
  const result: FlushResult = {
    ...delivered,
    remaining: { metrics: null, logs: null, distributions: null, events: null, checks: null },
    outcome: "failed",
    errors: ["Redis is out of reach."],
  };
  expect(formatFlush(result, false).split("\n").slice(2)).toEqual([
    "remaining   unknown",
    "failed: Redis is out of reach.",
    "",
  ]);
});

test("flush --dry-run says that nothing was sent", () => {
  const result = { ...delivered, dropped: { expired: 0, too_old: 0, rejected: 0, malformed: 2 } };
  expect(formatFlush(result, true).split("\n").slice(3)).toEqual([
    "dropped     0 expired, 0 rejected by the intake, 2 malformed",
    expect.stringMatching(/^everything else would be delivered; dry run: /),
    "",
  ]);
});

test("flush --dry-run says so even when it was not complete", () => {
  const result: FlushResult = {
    ...delivered,
    outcome: "partial",
    errors: ["interrupted"],
  };
  expect(formatFlush(result, true).split("\n").slice(3)).toEqual([
    "partial: interrupted",
    expect.stringMatching(/^dry run: /),
    "",
  ]);
});

test("the command prints the result", async () => {
  const { call, queue } = flushRig();
  await queue("chouette:logs:wrapped", LOG);
  const { code, printed, noted } = await call();
  expect({ code, noted, printed: printed.replace(/\d+ B/, "N B") }).toEqual({
    code: 0,
    noted: "",
    printed: `aggregated  0 raw metrics into 0 points
delivered   0 points and 1 log, N B on the wire
remaining   0 metrics and 0 logs
everything was delivered
`,
  });
});
