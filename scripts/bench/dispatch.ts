import { deliver } from "../../src/datadog/deliver.ts";
import type { Intake } from "../../src/datadog/delivery.ts";
import { compress, LIMITS } from "../../src/datadog/payload.ts";
import { encodeSeries } from "../../src/datadog/series.ts";
import type { Point } from "../../src/model.ts";
import type { Measurement } from "./measurement.ts";

const SERIES = 1000;
const MINUTES = 10;

/** Measures bytes on the wire per point: ten minutes of 1000 series, sent once a minute, compared with one object per point. */
export async function measureDispatch(): Promise<Measurement[]> {
  const sender = { host: "raspberrypi", globalTags: ["env:prod", "site:lab"] };
  let ours = 0;
  let plain = 0;
  let plainRaw = 0;
  let points = 0;
  for (let minute = 0; minute < MINUTES; minute++) {
    const release = pointsOf(minute);
    points += release.length;
    const items = release.map((point, index) => ({ key: String(index), value: point, weight: 1 }));
    const encoding = {
      track: "series" as const,
      limits: LIMITS.series[1],
      encode: (values: readonly Point[]) => encodeSeries(values, { host: sender.host, version: 1 }),
    };
    const intake: Intake = {
      post: async (_track, payload) => {
        ours += payload.length;
        return { outcome: "accepted", status: 202, error: "" };
      },
      close: async () => {},
    };
    await deliver(
      items,
      encoding,
      intake,
      { accepted: async () => {}, rejected: async () => {} },
      new AbortController().signal,
    );
    for (let from = 0; from < release.length; from += 10_000) {
      const objects = release
        .slice(from, from + 10_000)
        .map(({ metric, tags, timestamp, value, type, interval }) => ({
          metric,
          tags: [...tags, ...sender.globalTags],
          points: [[timestamp, value]],
          type,
          interval,
          host: sender.host,
        }));
      const raw = new TextEncoder().encode(JSON.stringify({ series: objects }));
      plainRaw += raw.length;
      plain += compress(raw).length;
    }
  }
  const perPoint = (bytes: number) => `${(bytes / points).toFixed(2)} B`;
  return [
    {
      what: `wire bytes per point, ${points} points of ${SERIES} series`,
      chouette: perPoint(ours),
      beside: `${perPoint(plain)} one object per point`,
      ratio: ours / plain,
      aim: "less",
    },
    {
      what: "the same, beside one object per point uncompressed",
      chouette: perPoint(ours),
      beside: perPoint(plainRaw),
      ratio: ours / plainRaw,
      aim: "less",
    },
  ];
}

/** Makes the points of a minute: a value of each series in each of six windows, counters and drifting gauges, all from one seed. */
function pointsOf(minute: number): Point[] {
  const points: Point[] = [];
  let seed = 12_345 + minute;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  for (let window = 0; window < 6; window++) {
    for (let series = 0; series < SERIES; series++) {
      const timestamp = 1_700_000_000 + minute * 60 + window * 10;
      const tags = [`unit:u${series % 50}`, `zone:z${series % 10}`];
      const metric = `app.metric.${series}`;
      if (series % 2 === 0)
        points.push({
          metric,
          tags,
          timestamp,
          value: Math.floor(random() * 100),
          type: "count",
          interval: 10,
        });
      else
        points.push({
          metric,
          tags,
          timestamp,
          value: Math.round((20 + series / 100 + random()) * 100) / 100,
          type: "gauge",
        });
    }
  }
  return points;
}
