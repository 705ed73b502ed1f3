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

/** What of the agent a packet goes through. */
export function setUp(maxSeries: number) {
  const live = liveWindows({ interval: 10, keeps: wrapper.keeps, maxSeries });
  const taken = () => true;
  const receive = createReceiver({
    now: () => Date.now() / 1000,
    live,
    counter: trafficCounter(),
    readSeries: seriesReader([]),
    ttl: 14_400,
    shapes: 2 * maxSeries,
    event: taken,
    check: taken,
  });
  return { live, receive };
}
