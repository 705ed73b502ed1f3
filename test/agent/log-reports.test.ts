import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { StorageError } from "../../src/errors.ts";
import type { AggregateReport } from "../../src/jobs/aggregate.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { emptyReport, type SendReport } from "../../src/jobs/send-report.ts";
import { watch } from "./log-reports-rig.ts";

const aggregated: AggregateReport = {
  raw: 0,
  points: 0,
  expired: 0,
  rejected: { count: 0, first: undefined },
  left: 0,
};
const sent = emptyReport("metrics");
const failing = (error: string, kind: Delivery["outcome"] = "retry"): SendReport => ({
  ...sent,
  remaining: 7,
  failure: { outcome: kind, status: 503, error },
});

describe("a release", () => {
  test("that brought something is told, one that had nothing to do is not", () => {
    const { reports, lines } = watch();
    reports.sent({ ...sent, delivered: 5, bytes: 377, remaining: 2 });
    reports.sent(sent);
    expect(lines()).toEqual([{ level: "info", msg: "sent metrics", delivered: 5, bytes: 377, remaining: 2 }]);
  });

  test("that is not heard is told once, and once when it works again", () => {
    const { reports, lines } = watch();
    for (let n = 0; n < 3; n++) reports.sent(failing("the network is down"));
    expect(lines()).toEqual([{ level: "warn", msg: "sending metrics: the network is down", remaining: 7 }]);
    reports.sent({ ...sent, delivered: 7, bytes: 400 });
    expect(lines()).toEqual([
      { level: "info", msg: "sent metrics", delivered: 7, bytes: 400, remaining: 0 },
      { level: "info", msg: "sending metrics works again", was: "the network is down", remaining: 0 },
    ]);
  });

  test("after which nothing is left because it all expired or was rejected does not mean that sending works again", () => {
    const { reports, lines } = watch();
    reports.sent(failing("the network is down"));
    lines();
    reports.sent({ ...sent, rejected: { count: 7, first: { key: "k", reason: "too large" } } });
    expect(lines().map(({ msg }) => msg)).not.toContain("sending metrics works again");
    reports.sent({ ...sent, delivered: 1 });
    expect(lines().map(({ msg }) => msg)).toContain("sending metrics works again");
  });

  test("that only the owner can mend is told each time", () => {
    const { reports, lines } = watch();
    for (let n = 0; n < 3; n++) reports.sent(failing("the API key is not valid", "hold"));
    expect(lines()).toEqual(
      Array(3).fill({
        level: "error",
        msg: "metrics are kept and not sent: the API key is not valid",
        remaining: 7,
      }),
    );
    reports.sent({ ...sent, delivered: 7, bytes: 400 });
    expect(lines().map(({ msg }) => msg)).toEqual(["sent metrics", "sending metrics works again"]);
  });

  test("of the logs has its own troubles", () => {
    const { reports, lines } = watch();
    reports.sent({ ...failing("a"), track: "logs" });
    reports.sent(sent);
    expect(lines().map(({ msg }) => msg)).toEqual(["sending logs: a"]);
  });
});

describe("what is lost", () => {
  const rejected = (reason: string, count = 1) => ({ count, first: { key: "k1", reason } });

  test("records that cannot be sent: where to look, once an hour for each reason, with their number", () => {
    const { reports, lines, clock } = watch();
    const because = "it is not a record of this queue";
    for (let n = 0; n < 3; n++) reports.aggregated({ ...aggregated, rejected: rejected(because) });
    reports.sent({ ...sent, track: "logs", rejected: rejected(because, 2) });
    const msg = "records cannot be sent; to look at them: chouette inspect-queue rejected --peek 5";
    expect(lines()).toEqual([
      { level: "warn", msg, queue: "chouette:metrics:raw", records: 1, key: "k1", reason: because },
      { level: "warn", msg, queue: "chouette:logs:wrapped", records: 2, key: "k1", reason: because },
    ]);
    clock.pass(3600);
    reports.aggregated({ ...aggregated, rejected: rejected(because) });
    expect(lines().map((line) => line.msg)).toEqual([`${msg}, 2 more since`]);
  });

  test("records that were too old: once an hour for each queue", () => {
    const { reports, lines, clock } = watch();
    for (let n = 0; n < 3; n++) reports.aggregated({ ...aggregated, expired: 5 });
    for (let n = 0; n < 3; n++) reports.sent({ ...sent, track: "logs", expired: 3 });
    expect(lines()).toEqual([
      {
        level: "warn",
        msg: "records were older than METRIC_TTL and were dropped",
        queue: "chouette:metrics:raw",
        records: 5,
      },
      {
        level: "warn",
        msg: "records were older than LOG_TTL and were dropped",
        queue: "chouette:logs:wrapped",
        records: 3,
      },
    ]);
    clock.pass(3600);
    reports.aggregated({ ...aggregated, expired: 1 });
    expect(lines().map(({ msg }) => msg)).toEqual([
      "records were older than METRIC_TTL and were dropped, 2 more since",
    ]);
  });
});

describe("a job", () => {
  test("that fails is told once, and once when it works again", () => {
    const { report, lines } = watch();
    for (let n = 0; n < 3; n++) report("aggregate", new StorageError("Redis is out of reach."));
    report("collect", undefined);
    report("aggregate", undefined);
    expect(lines()).toEqual([
      { level: "error", msg: "job aggregate: Redis is out of reach." },
      { level: "info", msg: "job aggregate works again", was: "Redis is out of reach." },
    ]);
  });

  test("that another process is doing is no trouble", () => {
    const { report, lines } = watch();
    report("send logs", new LeaseBusy("812/1/pid:[1]/5c7f/pi4"));
    expect(lines()).toEqual([
      {
        level: "info",
        msg: "send logs: pid 812 on host pi4 is at work on this queue and has not finished; it will send what is there, or try again in a minute",
      },
    ]);
  });
});

test("what was mended in a queue is told", () => {
  const { reports, lines } = watch();
  reports.repaired("chouette:metrics:raw: 2 values had no key and got one");
  expect(lines()).toEqual([{ level: "warn", msg: "chouette:metrics:raw: 2 values had no key and got one" }]);
});
