import { isAscii } from "node:buffer";
import type { LiveWindows } from "../aggregate/live-windows.ts";
import type { Event, ServiceCheck } from "../model.ts";
import type { Measurement } from "../records/raw-metric.ts";
import type { ReadSeries, Series } from "../records/series-identity.ts";
import { isValue } from "../records/value.ts";
import { type Datagram, linesOf, parseDatagram } from "./datagram.ts";
import type { Sample } from "./metric.ts";
import { weightOf } from "./raw-metrics.ts";
import { type Cut, cutLine, rememberShapes, type Shape } from "./shape.ts";
import type { TrafficCounter } from "./traffic.ts";

export type ReceiverDeps = {
  /** Unix seconds. */
  now(): number;
  live: LiveWindows;
  readSeries: ReadSeries;
  counter: TrafficCounter;
  /** Seconds after which a metric is not sent any more. */
  ttl: number;
  /** Take an event or a service check that arrived at `at` (Unix seconds); return false when there is no room for it. */
  event(event: Event, at: number): boolean;
  check(check: ServiceCheck, at: number): boolean;
  /** Shapes that are remembered. */
  shapes: number;
};

/** Takes a packet of DogStatsD lines; `Buffer` as sockets give it. Never throws. */
export type Receive = (packet: Buffer) => void;

/** Lines of the clients about themselves, which the Datadog Agent takes up for Datadog: bytes on the air that nobody here reads. */
const TELEMETRY = "datadog.dogstatsd.client.";

/** Smallest rate of a remembered shape: a value of 15 digits divided by it is still one that the intake takes. */
const LOWEST_RATE = 1e-12;

/**
 * Folds the lines of packets into live windows. Most lines are of a known shape and cost a look into a map; all others are read
 * by the exact parser, of which the shapes are a cache.
 */
export function createReceiver(deps: ReceiverDeps): Receive {
  const { now, live, readSeries, counter, ttl } = deps;
  const shapes = rememberShapes(deps.shapes);
  let generation = live.generation();
  /** Lines of unknown shapes that were beyond MAX_SERIES since the last windows were taken. */
  let refused = 0;

  const receiveLine = (text: string, start: number, end: number, at: number): void => {
    const cut = cutLine(text, start, end);
    const shape = cut && shapes.get(cut);
    if (cut !== undefined && shape !== undefined) fold(shape, cut.value, at);
    // Endless new series must not cost more than others: their lines are no longer parsed.
    else if (cut !== undefined && refused > deps.shapes) counter.beyond(cut.name);
    else receiveExactly(text.slice(start, end), at, cut && { ...cut });
  };

  /** The fast path. */
  const fold = (shape: Shape, value: number, at: number): void => {
    if (shape.group === undefined || shape.generation !== generation || outside(shape, at)) {
      const group = live.find(shape.series, shape.type, at);
      if (typeof group === "string") {
        refuse(group, shape.series);
        return;
      }
      shape.group = group;
      shape.generation = generation;
      shape.window = Math.floor(at / live.interval) * live.interval;
    }
    measured.series = shape.series;
    measured.type = shape.type;
    measured.timestamp = at;
    measured.value = shape.type === "count" ? value / shape.rate : value;
    measured.weight = shape.weight;
    if (!live.add(shape.group, measured)) refuse("memory", shape.series);
  };

  const outside = ({ window }: Shape, at: number) => at < window || at >= window + live.interval;

  const refuse = (why: "series" | "memory", { metric }: Series): void => {
    if (why === "series") counter.beyond(metric);
    else counter.dropped(why);
  };

  /** Reads a line with the exact parser, and remembers its shape if it has one: `cut` is what the line was cut into. */
  const receiveExactly = (line: string, at: number, cut: Cut | undefined): void => {
    const found = parseDatagram(line);
    if (found.malformed > 0) counter.malformed(subjectOf(found, line), line);
    for (const event of found.events)
      if (!deps.event({ ...event, tags: event.tags.filter(isSent) }, at)) counter.dropped("memory");
    for (const check of found.checks)
      if (!deps.check({ ...check, tags: check.tags.filter(isSent) }, at)) counter.dropped("memory");
    for (const sample of found.metrics) receiveSample(sample, line, at, cut);
  };

  const receiveSample = (sample: Sample, line: string, at: number, cut: Cut | undefined): void => {
    if (sample.metric.startsWith(TELEMETRY)) return;
    const series = readSeries(sample.metric, sample.tags.filter(isSent));
    const timestamp = Math.min(sample.timestamp ?? at, at);
    if (series === undefined) counter.malformed("name", line);
    else if (timestamp < at - ttl) counter.dropped("expired");
    else receiveValues(sample, series, timestamp, line, cut);
  };

  const receiveValues = (
    sample: Sample,
    series: Series,
    timestamp: number,
    line: string,
    cut: Cut | undefined,
  ): void => {
    let isStored = false;
    for (const measurement of measurementsOf(sample, series, timestamp)) {
      if (measurement.type !== "set" && !isValue(measurement.value)) counter.malformed("value", line);
      else isStored = store(measurement);
    }
    if (!isStored || cut === undefined || sample.type === "s" || sample.timestamp !== undefined) return;
    if (sample.rate < LOWEST_RATE) return;
    const type = TYPES[sample.type];
    const weight = isWeighted(type) ? weightOf(sample.rate) : 1;
    shapes.set(cut, { type, series, rate: sample.rate, weight });
  };

  const store = (measurement: Measurement): boolean => {
    const group = live.find(measurement.series, measurement.type, measurement.timestamp);
    const refusal = typeof group === "string" ? group : live.add(group, measurement) ? undefined : "memory";
    if (refusal !== undefined) refuse(refusal, measurement.series);
    if (refusal === "series") refused++;
    return refusal === undefined;
  };

  return (packet) => {
    counter.traffic.packets++;
    const at = now();
    if (live.generation() !== generation) {
      generation = live.generation();
      shapes.age();
      refused = 0;
    }
    const text = packet.toString("latin1");
    if (!isAscii(packet)) {
      for (const line of linesOf(packet))
        if (line === undefined) counter.malformed("encoding", text);
        else if (line !== "") receiveExactly(line, at, undefined);
      return;
    }
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf("\n", start);
      const next = newline === -1 ? text.length : newline;
      const end = next > start && text.charCodeAt(next - 1) === 0x0d ? next - 1 : next;
      if (end > start) receiveLine(text, start, end, at);
      start = next + 1;
    }
  };
}

const TYPES = { c: "count", g: "gauge", h: "histogram", ms: "histogram", d: "distribution" } as const;

function isWeighted(type: Shape["type"]): boolean {
  return type === "histogram" || type === "distribution";
}

/** The measurement that the fast path hands over: one object for all. */
const measured: Measurement & { type: Shape["type"] } = {
  series: { metric: "", tags: [], id: "" },
  type: "count",
  timestamp: 0,
  value: 0,
  weight: 1,
};

/** Of packed gauges only the last remains. */
function measurementsOf(sample: Sample, series: Series, timestamp: number): Measurement[] {
  if (sample.type === "s") return [{ series, type: "set", timestamp, value: [sample.values] }];
  const type = TYPES[sample.type];
  const { rate } = sample;
  const values = type === "gauge" ? sample.values.slice(-1) : sample.values;
  return values.map((value) => ({
    series,
    type,
    timestamp,
    value: type === "count" ? value / rate : value,
    weight: isWeighted(type) ? weightOf(rate) : 1,
  }));
}

/** Tags that the client gives the Datadog Agent to find the container, and that the Agent removes. */
function isSent(tag: string): boolean {
  return !tag.startsWith("dd.internal.");
}

function subjectOf({ metrics }: Datagram, line: string): string {
  if (metrics.length > 0) return "value";
  if (line.startsWith("_e{")) return "event";
  return line.startsWith("_sc") ? "check" : "metric";
}
