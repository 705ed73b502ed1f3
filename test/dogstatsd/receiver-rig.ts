import { foldValues, foldWeights } from "../../src/aggregate/fold.ts";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import { createReceiver } from "../../src/dogstatsd/receiver.ts";
import { trafficCounter } from "../../src/dogstatsd/traffic.ts";
import type { Event, ServiceCheck } from "../../src/model.ts";
import { seriesReader } from "../../src/records/series-identity.ts";

export const NOW = 1_656_581_405.25;

/** A receiver with windows of its own; `shapes: 0` leaves every line to the exact parser. */
export function setUp({
  shapes = 1000,
  maxSeries = 5000,
  now = (): number => NOW,
  globalTags = [] as string[],
} = {}) {
  const keeps = { count: "sum", gauge: "latest", rate: "sum", histogram: "values" } as const;
  const live = liveWindows({ interval: 10, keeps, maxSeries });
  const counter = trafficCounter();
  const others: (Event | ServiceCheck)[] = [];
  const event = (one: Event) => others.push(one) <= 1000;
  const check = (one: ServiceCheck) => others.push(one) <= 1000;
  const readSeries = seriesReader(globalTags);
  const receive = createReceiver({ now, live, readSeries, counter, ttl: 14_400, shapes, event, check });
  /** `gauge m a:1 @1656581400 = 3`, and the weights of values that have them. */
  const found = (): string[] =>
    live.take(Number.POSITIVE_INFINITY).flatMap(({ start, groups }) =>
      groups.map(({ series: { metric, tags }, type, fold }) => {
        const weights = foldWeights(fold);
        return `${[type, metric, ...tags].join(" ")} @${start} = ${foldValues(fold)}${weights ? ` x ${weights}` : ""}`;
      }),
    );
  return { receive: (text: string | Buffer) => receive(Buffer.from(text)), counter, live, found, others };
}
