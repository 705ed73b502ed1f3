import { pythonJson, rawRecord } from "../helpers/queues.ts";

/**
 * Queues as the Python agent and chouette-iot-client leave them. From github.com/akatashev/chouette-iot,
 * chouette_iot/metrics/_metrics.py and chouette_iot/storage/engines/_redis_engine.py; and from
 * github.com/akatashev/chouette-iot-client, _chouette_client.py and _chouette_log_handler.py.
 */

/** The start of a window ten minutes ago. */
export const AT = Math.floor(Date.now() / 10_000) * 10 - 600;

const raw = (
  metric: string,
  type: Parameters<typeof rawRecord>[0]["type"],
  value: number | string[],
  seconds: number,
  tags: Record<string, string | number | boolean> = {},
) => rawRecord({ metric, type, value, timestamp: AT + seconds, tags });

/** `time.time()` for times, neighbors that are not of one series. */
export const RAW = [
  raw("door.opened", "count", 1, 0.9974127, { zone: "a" }),
  raw("room.temperature", "gauge", 21, 1.5063, { floor: 1, dark: true }),
  raw("door.opened", "count", 2, 2.25, { zone: "a" }),
  raw("net.packets", "rate", 30, 3.125),
  raw("room.temperature", "gauge", 21.5, 4.75, { dark: true, floor: 1 }),
  raw("users", "set", ["ann", "bob"], 5.5),
  raw("users", "set", ["bob", "cy"], 6.5),
  ...[1, 2, 3, 4].map((value) => raw("job.time", "histogram", value, 7 + value / 10)),
  raw("door.opened", "count", 0, 12.5, { zone: "a" }),
  raw("door.opened", "count", 4, 13, { zone: "a" }),
];

/** A point that the Python agent had built and not sent: `WrappedMetric.asdict()`, times with fractions, tags as a list. */
const wrapped = (
  metric: string,
  type: string,
  value: number,
  at: number,
  tags: string[],
  interval?: number,
) => ({
  key: crypto.randomUUID(),
  at,
  body: pythonJson({
    metric,
    tags,
    points: [[at, value]],
    type,
    ...(interval === undefined ? {} : { interval }),
  }),
});

export const WRAPPED = [
  wrapped("door.opened", "count", 7, AT - 29.0025, ["zone:a"], 10),
  wrapped("Chouette.host.la", "gauge", 0.25, AT - 28.5, ["period:1m"]),
  wrapped("Chouette.host.la", "gauge", 0.5, AT + 1.5, ["period:1m"]),
  wrapped("Chouette.k8s.pods.running", "gauge", 17, AT - 27.125, []),
  wrapped("job.time.count", "rate", 0.3, AT - 26, [], 10),
];

const log = (level: string, seconds: number, more: object) => {
  const at = AT + seconds;
  const body = {
    date: new Date(at * 1000).toISOString().replace("Z", "000+00:00"),
    ddsource: "doors",
    ddtags: ["a:b"],
    level,
    message: { msg: `text of ${level}` },
    service: "doors",
    ...more,
  };
  return { key: crypto.randomUUID(), at, body: pythonJson(body) };
};

export const LOGS = [
  log("INFO", 1.25, {}),
  log("ERROR", 2.5, { exc_info: "Traceback (most recent call last):\n  …", door: 7, ddtags: [] }),
];
