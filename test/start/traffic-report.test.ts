import { describe, expect, test } from "bun:test";
import { foldValues } from "../../src/aggregate/fold.ts";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import { trafficCounter } from "../../src/dogstatsd/traffic.ts";
import { createLogger } from "../../src/log/log.ts";
import { createTrafficReport } from "../../src/start/traffic-report.ts";
import { testClock } from "../helpers/clock.ts";

function setUp() {
  const clock = testClock(1_000_000);
  const counter = trafficCounter();
  let lost = 0;
  const listener = { where: "UDP 127.0.0.1:8125", buffer: 425_984, drops: () => lost, close: async () => {} };
  const logged: string[] = [];
  const log = createLogger({
    level: "info",
    stream: { write: (line) => void logged.push(JSON.parse(line).msg) },
    format: "json",
    color: false,
    secrets: [],
  });
  const report = createTrafficReport(clock, counter.traffic, () => [listener]);
  return { clock, counter, log, logged, report, lose: (packets: number) => (lost += packets) };
}

describe("what came in", () => {
  test("is logged once an hour for each reason, with what to type", () => {
    const { clock, counter, log, logged, report, lose } = setUp();
    counter.malformed("metric", "odd");
    counter.beyond("unbounded.metric");
    lose(3);
    report.log(log);
    counter.malformed("metric", "odd");
    report.log(log);
    expect(logged).toEqual([
      expect.stringContaining("chouette inspect-queue"),
      expect.stringMatching(/MAX_SERIES.*unbounded\.metric/),
      expect.stringMatching(/425984 bytes.*sysctl -w net\.core\.rmem_max/),
    ]);
    clock.pass(3601);
    counter.malformed("metric", "odd");
    report.log(log);
    expect(logged).toHaveLength(4);
  });

  test("is measured as what it grew by", () => {
    const { clock, counter, report, lose } = setUp();
    const live = liveWindows({ interval: 10, keeps: undefined, maxSeries: 0 });
    const measured = () => {
      report.measure(live, ["site:a"]);
      return live
        .take(Number.POSITIVE_INFINITY)
        .flatMap(({ groups }) => groups)
        .map(({ series: { metric, tags }, fold }) => [metric, ...tags, ...foldValues(fold)].join(" "));
    };
    counter.traffic.packets = 7;
    lose(2);
    expect(measured()).toEqual([
      "chouette.dogstatsd.packets site:a 7",
      "chouette.dogstatsd.dropped reason:kernel site:a 2",
    ]);
    clock.pass(60);
    const taken = live.take(Number.POSITIVE_INFINITY).flatMap(({ groups }) => groups);
    live.settle(taken);
    counter.traffic.packets = 9;
    expect(measured()).toEqual(["chouette.dogstatsd.packets site:a 2"]);
  });
});
