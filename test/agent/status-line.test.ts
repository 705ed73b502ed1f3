import { expect, test } from "bun:test";
import { createStatusLine } from "../../src/agent/status-line.ts";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { emptyReport } from "../../src/jobs/send-report.ts";

const nothing = emptyReport("metrics");
const unheard = (error: string): Delivery => ({ outcome: "retry", status: 0, error });

/** 2020-06-07, 14:47:03 UTC. */
const line = () => createStatusLine({ now: () => 1_591_541_223.4 });

test("says that nothing has been sent, also after releases that had nothing to send", () => {
  const status = line();
  expect(status.text()).toBe("nothing has been sent yet");
  status.sent(nothing);
  expect(status.text()).toBe("nothing has been sent yet");
});

test("says of each track what was sent last, and what waits", () => {
  const status = line();
  status.sent({ ...nothing, delivered: 42, remaining: 3 });
  status.sent(nothing);
  status.sent({ ...nothing, track: "logs", delivered: 1 });
  expect(status.text()).toBe(
    "metrics: 42 sent at 14:47:03 UTC, 3 wait; logs: 1 sent at 14:47:03 UTC, 0 wait",
  );
});

test("says why something waits, in one line that is not too long", () => {
  const status = line();
  status.sent({ ...nothing, delivered: 42, remaining: 3 });
  status.sent({ ...nothing, remaining: 7, failure: unheard(`503:\nbusy ${"x".repeat(1000)}`) });
  expect(status.text()).toMatch(/^metrics: 7 wait, not taken at 14:47:03 UTC: 503:\\u000abusy x{190}$/);
  status.sent({ ...nothing, delivered: 7 });
  expect(status.text()).toBe("metrics: 7 sent at 14:47:03 UTC, 0 wait");
});

test("does not go on saying that something waits after somebody else has sent it", () => {
  const status = line();
  status.sent({ ...nothing, remaining: 7, failure: unheard("503") });
  status.sent(nothing);
  expect(status.text()).toBe("metrics: 0 sent at 14:47:03 UTC, 0 wait");
});
