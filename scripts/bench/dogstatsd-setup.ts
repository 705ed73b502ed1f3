import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import { createReceiver } from "../../src/dogstatsd/receiver.ts";
import { trafficCounter } from "../../src/dogstatsd/traffic.ts";
import { seriesReader } from "../../src/records/series-identity.ts";

export const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [0.95] });

/** The counter of some 60 bytes with three tags that is sent in every measurement. */
export function lineOf(index: number): string {
  return `bench.requests:${index % 100}|c|#zone:attic,app:camera,unit:u${index}`;
}

/** The same of a StatsD without tags. */
export function plainLineOf(index: number): string {
  return `bench.requests.attic.camera.and.some.more.words.u${index}:${index % 100}|c`;
}

/** What of the agent a packet goes through; `shapes: 0` leaves every line to the exact parser. */
export function setUp(maxSeries: number, { shapes = 2 * maxSeries, now = () => Date.now() / 1000 } = {}) {
  const live = liveWindows({ interval: 10, keeps: wrapper.keeps, maxSeries });
  const counter = trafficCounter();
  const taken = () => true;
  const receive = createReceiver({
    now,
    live,
    counter,
    readSeries: seriesReader([]),
    ttl: 14_400,
    shapes,
    event: taken,
    check: taken,
  });
  return { live, receive, counter };
}
