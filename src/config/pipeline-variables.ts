import * as v from "valibot";
import {
  booleanSchema,
  integerSchema,
  listOfSchema,
  listSchema,
  numberSchema,
  oneOfSchema,
  textSchema,
  type Variables,
} from "./variable.ts";

const SECONDS = "a whole number of seconds from 1 to 86400";
const TTL = "a whole number of seconds from 1";
const AGGREGATES = ["max", "median", "avg", "count", "sum", "min"] as const;

/** Names of log levels (of Python, the Datadog Agent and Chouette), and our level for each. */
const LOG_LEVELS = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warning: "warn",
  warn: "warn",
  error: "error",
  critical: "fatal",
  fatal: "fatal",
  off: "silent",
} as const;

/** What is captured, how it is aggregated, and when. */
export const pipelineVariables = {
  plugins: {
    names: ["COLLECT_PLUGINS", "COLLECTOR_PLUGINS"],
    default: "[]",
    meaning: "Plugins to run: names, paths of custom modules, or `exec:` and a command.",
    expects: 'a list of plugins: ["host","docker"] or host,docker',
    schema: listSchema(),
  },
  pluginMaxPoints: {
    names: ["PLUGIN_MAX_POINTS"],
    default: "2000",
    meaning: "Most points taken from one plugin in one run.",
    expects: "a whole number from 1 to 1000000",
    schema: integerSchema(1, 1_000_000),
  },
  captureInterval: {
    names: ["CAPTURE_INTERVAL"],
    default: "30",
    meaning: "Seconds between plugin runs.",
    expects: SECONDS,
    schema: integerSchema(1, 86_400),
  },
  aggregateInterval: {
    names: ["AGGREGATE_INTERVAL"],
    default: "10",
    meaning: "Seconds; the length of a window.",
    expects: SECONDS,
    schema: integerSchema(1, 86_400),
  },
  releaseInterval: {
    names: ["RELEASE_INTERVAL"],
    default: "60",
    meaning: "Seconds between sends.",
    expects: SECONDS,
    schema: integerSchema(1, 86_400),
  },
  metricTtl: {
    names: ["METRIC_TTL"],
    default: "14400",
    meaning: "Seconds; older metrics are not sent.",
    expects: TTL,
    schema: integerSchema(1, Number.MAX_SAFE_INTEGER),
  },
  historicalMetrics: {
    names: ["HISTORICAL_METRICS"],
    otherwise: "`false` for a site of Datadog, else `true`",
    meaning:
      "Whether metrics older than an hour are sent, up to `METRIC_TTL`. Datadog throws them away unless its Historical Metrics Ingestion is on for them.",
    expects: "true or false",
    schema: booleanSchema(),
  },
  backlogBytesPerSecond: {
    names: ["BACKLOG_BYTES_PER_SECOND"],
    default: "0",
    meaning:
      "Bytes per second for what waited longer than two release intervals, all queues together; current data are not slowed down; 0: no limit.",
    expects: "a whole number of bytes",
    schema: integerSchema(0, Number.MAX_SAFE_INTEGER),
  },
  logTtl: {
    names: ["LOG_TTL"],
    default: "64800",
    meaning: "Seconds; older logs are not sent.",
    expects: TTL,
    schema: integerSchema(1, Number.MAX_SAFE_INTEGER),
  },
  metricsBulkSize: {
    names: ["METRICS_BULK_SIZE"],
    default: "10000",
    meaning: "Most points taken for one send.",
    expects: "a whole number from 1 to 100000",
    schema: integerSchema(1, 100_000),
  },
  wrapper: {
    names: ["METRICS_WRAPPER"],
    default: "datadog",
    meaning: "How metrics of a window become points: `datadog`, `simple`, or the path of a custom module.",
    expects: "datadog, simple, or the path of a custom module, with a / in it",
    schema: wrapperSchema(),
  },
  histogramAggregates: {
    names: ["HISTOGRAM_AGGREGATES", "DD_HISTOGRAM_AGGREGATES"],
    default: '["max","median","avg","count"]',
    meaning: `Aggregates of a histogram, out of ${AGGREGATES.join(" ")}.`,
    expects: `a list of ${AGGREGATES.join(", ")}`,
    schema: listOfSchema(AGGREGATES),
  },
  histogramPercentiles: {
    names: ["HISTOGRAM_PERCENTILES", "DD_HISTOGRAM_PERCENTILES"],
    default: "[0.95]",
    meaning: "Percentiles of a histogram; 0.95 gives `name.95percentile`.",
    expects: "a list of numbers from 0 to 1, no two of which round to the same percent",
    schema: percentilesSchema(),
  },
  distributionPointsMax: {
    names: ["DISTRIBUTION_POINTS_MAX"],
    default: "100",
    meaning:
      "Most values of a distribution in a window that are sent one by one; of more, a sketch is sent, whose percentiles are right to 1 %; 0: always a sketch.",
    expects: "a whole number from 0 to 10000",
    schema: integerSchema(0, 10_000),
  },
  sendSelfMetrics: {
    names: ["SEND_SELF_METRICS"],
    default: "true",
    meaning: "Whether Chouette's own counters are sent.",
    expects: "true or false",
    schema: booleanSchema(),
  },
  logLevel: {
    names: ["LOG_LEVEL", "DD_LOG_LEVEL"],
    default: "INFO",
    meaning: "What is logged: this level and those above it.",
    expects: `one of ${Object.keys(LOG_LEVELS).join(", ").toUpperCase()}`,
    schema: v.pipe(
      oneOfSchema(Object.keys(LOG_LEVELS) as (keyof typeof LOG_LEVELS)[]),
      v.transform((word) => LOG_LEVELS[word]),
    ),
  },
  logFormat: {
    names: ["LOG_FORMAT"],
    default: "auto",
    meaning:
      "Form of the log: `json` for programs, `text` for people; `auto`: text on a terminal and in the journal, else JSON.",
    expects: "auto, json or text",
    schema: oneOfSchema(["auto", "json", "text"]),
  },
} as const satisfies Variables;

/** A built-in wrapper, in any case, or a path, unchanged. */
function wrapperSchema() {
  return v.union([oneOfSchema(["datadog", "simple"]), v.pipe(textSchema(), v.includes("/"))]);
}

/** Distinct percentiles. Two with the same percent would give a histogram two values of one name: 0.95 and 0.951, 0.999 and 1. */
function percentilesSchema() {
  return v.pipe(
    listSchema(),
    v.array(numberSchema(0, 1)),
    v.transform((numbers) => [...new Set(numbers)]),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const numbers = new Map<number, number>();
      for (const [key, value] of dataset.value.entries()) {
        const percent = Math.floor(value * 100 + 0.5);
        const other = numbers.get(percent);
        numbers.set(percent, value);
        if (other === undefined) continue;
        const path = { type: "array", origin: "value", input: dataset.value, key, value } as const;
        addIssue({ message: "one name", input: `${other} and ${value}`, path: [path] });
      }
    }),
  );
}
