import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/datadog/delivery.ts";
import { StorageError } from "../../src/errors.ts";
import type { AggregateReport } from "../../src/jobs/aggregate-commits.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { emptyReport, type SendReport } from "../../src/jobs/send-report.ts";
import { watch } from "./log-reports-rig.ts";

const aggregated: AggregateReport = {
  raw: 0,
  points: 0,
  expired: 0,
  rejected: { count: 0, first: undefined },
  left: 0,
  live: 0,
  beyond: { records: 0, metric: undefined },
  flood: undefined,
};
const sent = emptyReport("metrics");
const failing = (error: string, kind: Delivery["outcome"] = "retry"): SendReport => ({
  ...sent,
  remaining: 7,
  failure: { outcome: kind, status: 503, error },
});

describe("the log of deliveries", () => {
  test("has a line for each delivery that sent something at DEBUG, and none for one with nothing to send", () => {
    const { reports, lines } = watch("debug");
    reports.sent({ ...sent, delivered: 5, bytes: 377, remaining: 2 });
    lines();
    reports.sent({ ...sent, delivered: 5, bytes: 377, remaining: 2 });
    reports.sent(sent);
    expect(lines()).toEqual([
      { level: "debug", msg: "sent metrics", delivered: 5, bytes: 377, remaining: 2 },
    ]);
  });

  test("has one line for the first delivery, and then one an hour with all of them", () => {
    const { reports, lines, clock } = watch();
    reports.sent(sent);
    reports.sent({ ...sent, delivered: 5, bytes: 377, remaining: 2 });
    for (let minute = 0; minute < 120; minute++) {
      clock.pass(60);
      reports.sent({ ...sent, delivered: 10, bytes: 400, remaining: 1 });
      reports.sent({ ...sent, track: "checks", delivered: 1, bytes: 100 });
    }
    expect(lines().map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      "info first delivery: 5 points, 377 B on the wire; 2 waiting; the next line like this comes in an hour",
      "info delivered since the last line like this: 600 points, 59 service checks, 29.9 kB on the wire; 1 waiting",
      "info delivered since the last line like this: 600 points, 60 service checks, 30.0 kB on the wire; 1 waiting",
    ]);
  });

  test("has one line when delivery begins to fail and one when it works again", () => {
    const { reports, lines } = watch();
    for (let n = 0; n < 3; n++) reports.sent(failing("the network is down"));
    expect(lines()).toEqual([{ level: "warn", msg: "sending metrics: the network is down", remaining: 7 }]);
    reports.sent({ ...sent, delivered: 7, bytes: 400 });
    expect(lines()).toEqual([
      { level: "info", msg: expect.stringMatching(/^first delivery: 7 points, 400 B /) },
      { level: "info", msg: "sending metrics works again", was: "the network is down", remaining: 0 },
    ]);
  });

  test("does not report recovery when a queue is empty only because its records expired or were rejected", () => {
    const { reports, lines } = watch();
    reports.sent(failing("the network is down"));
    lines();
    reports.sent({ ...sent, rejected: { count: 7, first: { key: "k", reason: "too large" } } });
    expect(lines().map(({ msg }) => msg)).not.toContain("sending metrics works again");
    reports.sent({ ...sent, delivered: 1 });
    expect(lines().map(({ msg }) => msg)).toContain("sending metrics works again");
  });

  test("repeats a failure that only the owner can fix once an hour, and again when it comes back", () => {
    const { reports, lines, clock } = watch();
    const kept = { level: "error", msg: "metrics kept, not sent: the API key is not valid; 7 waiting" };
    for (let minute = 0; minute < 121; minute++) {
      reports.sent(failing("the API key is not valid", "hold"));
      clock.pass(60);
    }
    expect(lines()).toEqual([kept, kept, kept]);
    reports.sent({ ...sent, delivered: 7, bytes: 400 });
    lines();
    reports.sent(failing("the API key is not valid", "hold"));
    expect(lines()).toEqual([kept]);
    reports.sent({ ...sent, delivered: 7, bytes: 400 });
    expect(lines().map(({ msg }) => msg)).toEqual(["sending metrics works again"]);
  });

  test("follows metrics and logs apart", () => {
    const { reports, lines } = watch();
    reports.sent({ ...failing("a"), track: "logs" });
    reports.sent(sent);
    expect(lines().map(({ msg }) => msg)).toEqual(["sending logs: a"]);
  });
});

describe("the log of dropped records", () => {
  const rejected = (reason: string, count = 1) => ({ count, first: { key: "k1", reason } });

  test("says how to see malformed and rejected records, once an hour for each reason, with their number", () => {
    const { reports, lines, clock } = watch();
    const because = "it is not a record of this queue";
    for (let n = 0; n < 3; n++) reports.aggregated({ ...aggregated, rejected: rejected(because) });
    reports.sent({ ...sent, track: "logs", rejected: rejected(because, 2) });
    const msg = expect.stringMatching(/chouette inspect-queue rejected --peek 5$/);
    expect(lines()).toEqual([
      { level: "warn", msg, queue: "chouette:metrics:raw", records: 1, key: "k1", reason: because },
      { level: "warn", msg, queue: "chouette:logs:wrapped", records: 2, key: "k1", reason: because },
    ]);
    clock.pass(3600);
    reports.aggregated({ ...aggregated, rejected: rejected(because) });
    expect(lines().map((line) => line.msg)).toEqual([expect.stringMatching(/, 2 more since$/)]);
  });

  test("names the time to live of expired records, once an hour for each queue", () => {
    const { reports, lines, clock } = watch();
    for (let n = 0; n < 3; n++) reports.aggregated({ ...aggregated, expired: 5 });
    for (let n = 0; n < 3; n++) reports.sent({ ...sent, track: "logs", expired: 3 });
    expect(lines()).toEqual([
      {
        level: "warn",
        msg: expect.stringContaining("METRIC_TTL"),
        queue: "chouette:metrics:raw",
        records: 5,
      },
      {
        level: "warn",
        msg: expect.stringContaining("LOG_TTL"),
        queue: "chouette:logs:wrapped",
        records: 3,
      },
    ]);
    clock.pass(3600);
    reports.aggregated({ ...aggregated, expired: 1 });
    expect(lines().map(({ msg }) => msg)).toEqual([expect.stringMatching(/METRIC_TTL.*, 2 more since$/)]);
  });

  test("names HISTORICAL_METRICS for what Datadog would throw away, beside what expired", () => {
    const { reports, lines } = watch();
    for (let n = 0; n < 2; n++) reports.sent({ ...sent, track: "metrics", expired: 2, tooOld: 7 });
    expect(lines().map(({ msg, records }) => [msg, records])).toEqual([
      ["records older than METRIC_TTL were dropped", 2],
      ["records older than an hour, which Datadog throws away (HISTORICAL_METRICS), were dropped", 7],
    ]);
  });
});

describe("the log of jobs", () => {
  test("has one line when a job begins to fail and one when it works again", () => {
    const { report, lines } = watch();
    for (let n = 0; n < 3; n++) report("aggregate", new StorageError("Redis is out of reach."));
    report("collect", undefined);
    report("aggregate", undefined);
    expect(lines()).toEqual([
      { level: "error", msg: "job aggregate: Redis is out of reach." },
      { level: "info", msg: "job aggregate works again", was: "Redis is out of reach." },
    ]);
  });

  test("has no error for a job that another process is doing", () => {
    const { report, lines } = watch();
    report("send logs", new LeaseBusy("812/1/pid:[1]/5c7f/pi4"));
    expect(lines()).toEqual([
      {
        level: "info",
        msg: expect.stringMatching(/^send logs: .*pid 812 on host pi4/),
      },
    ]);
  });
});

test("series beyond MAX_SERIES are logged once, with the metric that was first", () => {
  const { reports, lines } = watch();
  const beyond = { records: 3, metric: "visits" };
  for (let times = 0; times < 5; times++) reports.aggregated({ ...aggregated, beyond });
  expect(lines().filter((line) => JSON.stringify(line).includes("MAX_SERIES"))).toHaveLength(1);
});

test("a flood is logged once, with the metric that it is of", () => {
  const { reports, lines } = watch();
  for (let times = 0; times < 5; times++) reports.aggregated({ ...aggregated, flood: "visitors" });
  expect(lines().filter(({ level }) => level === "warn")).toEqual([
    { level: "warn", metric: "visitors", msg: expect.stringMatching(/visitors.*memory.*approximate/) },
  ]);
});

test("a series with too many tags is logged once, however often it comes", () => {
  const { reports, lines } = watch();
  for (let times = 0; times < 5; times++) reports.manyTags("my.count", 140);
  expect(lines()).toEqual([
    {
      level: "warn",
      metric: "my.count",
      tags: 140,
      msg: expect.stringMatching(/my\.count has 140 tags.*100/),
    },
  ]);
});

test("repairs of a queue are logged", () => {
  const { reports, lines } = watch();
  reports.repaired("chouette:metrics:raw: 2 values had no key and got one");
  expect(lines()).toEqual([{ level: "warn", msg: "chouette:metrics:raw: 2 values had no key and got one" }]);
});
