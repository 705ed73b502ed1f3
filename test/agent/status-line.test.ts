import { expect, test } from "bun:test";
import { createStatusLine } from "../../src/agent/status-line.ts";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { emptyReport } from "../../src/jobs/send-report.ts";

const nothing = emptyReport("metrics");
const unheard = (error: string): Delivery => ({ outcome: "retry", status: 0, error });

/** 2020-06-07, 14:47:03 UTC. */
const line = () => createStatusLine({ now: () => 1_591_541_223.4 });

test("says that nothing was sent, also after deliveries with nothing to send", () => {
  const status = line();
  expect(status.text()).toBe("nothing sent yet");
  status.sent(nothing);
  expect(status.text()).toBe("nothing sent yet");
});

test("says for each track what was sent last and what is queued", () => {
  const status = line();
  status.sent({ ...nothing, delivered: 42, remaining: 3 });
  status.sent(nothing);
  status.sent({ ...nothing, track: "logs", delivered: 1 });
  expect(status.text()).toBe(
    "metrics: 42 sent at 14:47:03 UTC, 3 queued; logs: 1 sent at 14:47:03 UTC, 0 queued",
  );
});

test("says why a delivery failed, in one line that is not too long", () => {
  const status = line();
  status.sent({ ...nothing, delivered: 42, remaining: 3 });
  status.sent({ ...nothing, remaining: 7, failure: unheard(`503:\nbusy ${"x".repeat(1000)}`) });
  expect(status.text()).toMatch(/^metrics: 7 queued, .* 14:47:03 UTC: 503:\\u000abusy x{190}$/);
  status.sent({ ...nothing, delivered: 7 });
  expect(status.text()).toBe("metrics: 7 sent at 14:47:03 UTC, 0 queued");
});

test("has news when a track begins to fail and when it works again, and at no other time", () => {
  const status = line();
  const isNews = (report: Parameters<typeof status.sent>[0]) => {
    const turn = status.turn();
    status.sent(report);
    return turn.aborted;
  };
  const failing = { ...nothing, remaining: 7, failure: unheard("503") };
  const reports = [{ ...nothing, delivered: 1 }, failing, failing, { ...nothing, delivered: 7 }, nothing];
  expect(reports.map(isNews)).toEqual([false, true, false, true, false]);
  expect(isNews({ ...failing, track: "logs" })).toBe(true);
});

test("clears a failure once another process has emptied the queue", () => {
  const status = line();
  status.sent({ ...nothing, remaining: 7, failure: unheard("503") });
  status.sent(nothing);
  expect(status.text()).toBe("metrics: 0 sent at 14:47:03 UTC, 0 queued");
});

test("a failed request is news at once, before the release that tries it again reports", async () => {
  const status = line();
  const outcomes: Delivery[] = [
    unheard("no network"),
    unheard("no network"),
    { ...unheard(""), outcome: "accepted" },
  ];
  const watched = status.watch({
    post: async () => outcomes.shift() ?? unheard(""),
    close: async () => {},
  });
  const isNews = async () => {
    const turn = status.turn();
    await watched.post("series", new Uint8Array(), new AbortController().signal);
    return turn.aborted;
  };
  expect(await isNews()).toBe(true);
  expect(status.text()).toBe("metrics: delivery failed at 14:47:03 UTC: no network");
  expect([await isNews(), await isNews()]).toEqual([false, false]);
  status.sent({ ...nothing, delivered: 1 });
  expect(status.text()).toBe("metrics: 1 sent at 14:47:03 UTC, 0 queued");
});
