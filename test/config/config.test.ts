import { describe, expect, test } from "bun:test";
import { type Config, loadConfig } from "../../src/config/config.ts";
import type { Env } from "../../src/config/variable.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { embedded, KEY, load, pluginVariables, sources, usualUrls } from "./load.ts";

const defaults: Config = {
  apiKey: KEY,
  intakeUrls: usualUrls,
  metricsApiVersion: 1,
  logsApiVersion: 2,
  proxy: { no: [] },
  caFiles: [],
  host: "pi4",
  globalTags: [],
  plugins: { chosen: [], values: { host: { metrics: ["cpu", "ram"] }, k8s: { port: 10_250 } }, issues: {} },
  pluginMaxPoints: 2000,
  captureInterval: 30,
  aggregateInterval: 10,
  releaseInterval: 60,
  metricTtl: 14_400,
  historicalMetrics: false,
  backlogBytesPerSecond: 0,
  logTtl: 64_800,
  metricsBulkSize: 10_000,
  wrapper: "datadog",
  histogramAggregates: ["max", "median", "avg", "count"],
  histogramPercentiles: [0.95],
  distributionPointsMax: 100,
  sendSelfMetrics: true,
  logLevel: "info",
  logFormat: "auto",
  maxSeries: 5000,
  dogstatsd: {
    port: { number: 8125, given: false },
    nonLocal: false,
    buffer: undefined,
    stream: undefined,
    datagram: undefined,
  },
  stateDirectory: "/home/pi/.local/state/chouette",
  storage: embedded("/home/pi/.local/state/chouette"),
  redis: undefined,
  hostRoot: "/",
  logFiles: [],
  journaldUnits: [],
  logsListen: [],
  logMask: [],
  logsLevel: "debug",
  logsMaxBytesPerDay: 0,
  redisListen: undefined,
  warnings: [],
};

describe("loadConfig", () => {
  test("defaults", () => {
    expect(load({})).toStrictEqual(defaults);
  });
  const set: Record<string, [env: Env, expected: Partial<Config>]> = {
    "tags as JSON": [{ GLOBAL_TAGS: '["a:b","c:d"]' }, { globalTags: ["a:b", "c:d"] }],
    "tags with commas": [{ DD_TAGS: "a:b,c:d" }, { globalTags: ["a:b", "c:d"] }],
    "tags as the Datadog Agent has them": [
      { DD_TAGS: "env:prod site:attic" },
      { globalTags: ["env:prod", "site:attic"] },
    ],
    "GLOBAL_TAGS before DD_TAGS": [{ GLOBAL_TAGS: "a", DD_TAGS: "b" }, { globalTags: ["a"] }],
    intervals: [
      { AGGREGATE_INTERVAL: "1", CAPTURE_INTERVAL: "86400", RELEASE_INTERVAL: " 5 " },
      { aggregateInterval: 1, captureInterval: 86_400, releaseInterval: 5 },
    ],
    "times to live": [
      { METRIC_TTL: "1", LOG_TTL: "315360000" },
      { metricTtl: 1, logTtl: 315_360_000 },
    ],
    bounds: [
      { METRICS_BULK_SIZE: "100000", PLUGIN_MAX_POINTS: "1000000" },
      { metricsBulkSize: 100_000, pluginMaxPoints: 1_000_000 },
    ],
    host: [{ HOST: "nano-1.local" }, { host: "nano-1.local" }],
    "host by its alias": [{ DD_HOSTNAME: "nano-2" }, { host: "nano-2" }],
    "names in any case": [
      { log_level: "debug", Host: "a", release_INTERVAL: "7" },
      { logLevel: "debug", host: "a", releaseInterval: 7 },
    ],
    "blank is unset": [
      { LOG_LEVEL: "", HOST: " ", AGGREGATE_INTERVAL: "\t", REDIS_HOST: "", DD_SITE: "" },
      {},
    ],
    "a wrapper": [{ METRICS_WRAPPER: "Simple" }, { wrapper: "simple" }],
    "a custom wrapper": [{ METRICS_WRAPPER: "./Own.ts" }, { wrapper: "./Own.ts" }],
    "self-metrics off": [{ SEND_SELF_METRICS: "False" }, { sendSelfMetrics: false }],
    histograms: [
      { HISTOGRAM_AGGREGATES: "sum min sum", DD_HISTOGRAM_PERCENTILES: '[0.5, "0.99", 0.5]' },
      { histogramAggregates: ["sum", "min"], histogramPercentiles: [0.5, 0.99] },
    ],
    "histograms without anything": [
      { HISTOGRAM_AGGREGATES: "[]", HISTOGRAM_PERCENTILES: "[]" },
      { histogramAggregates: [], histogramPercentiles: [] },
    ],
    "percentiles as Datadog writes them": [
      { DD_HISTOGRAM_PERCENTILES: "0.95 0.99" },
      { histogramPercentiles: [0.95, 0.99] },
    ],
    "the host's root": [{ HOST_ROOT: "/host/" }, { hostRoot: "/host" }],
    proxies: [
      { HTTPS_PROXY: "http://u:p%40@proxy:3128/", http_proxy: "proxy:3128", NO_PROXY: "localhost, .lan" },
      { proxy: { https: "http://u:p%40@proxy:3128", http: "http://proxy:3128", no: ["localhost", ".lan"] } },
    ],
    "Datadog's proxy variables win": [
      {
        HTTPS_PROXY: "http://a",
        DD_PROXY_HTTPS: "https://b",
        HTTP_PROXY: "c",
        DD_PROXY_HTTP: "d",
        NO_PROXY: "e",
        DD_PROXY_NO_PROXY: "f g",
      },
      { proxy: { https: "https://b", http: "http://d", no: ["f", "g"] } },
    ],
  };
  test.each(Object.entries(set))("%s", (_, [env, expected]) => {
    expect(load(env)).toStrictEqual({ ...defaults, ...expected });
  });

  test.each([
    ["debug", "debug"],
    ["INFO", "info"],
    ["Warning", "warn"],
    ["WARN", "warn"],
    ["error", "error"],
    ["CRITICAL", "fatal"],
    ["fatal", "fatal"],
    ["TRACE", "trace"],
    ["off", "silent"],
  ] as const)("LOG_LEVEL %s is %s", (word, level) => {
    expect(load({ DD_LOG_LEVEL: word }).logLevel).toBe(level);
  });

  test.each([
    [
      { DD_SITE: "datadoghq.eu" },
      "https://api.datadoghq.eu/api/v1/series",
      "https://http-intake.logs.datadoghq.eu/api/v2/logs",
    ],
    [
      { DD_SITE: "US3.datadoghq.com", METRICS_API_VERSION: "2", LOGS_API_VERSION: "1" },
      "https://api.us3.datadoghq.com/api/v2/series",
      "https://http-intake.logs.us3.datadoghq.com/v1/input",
    ],
    [
      { DATADOG_URL: "http://127.0.0.1:8080/datadog/api//" },
      "http://127.0.0.1:8080/datadog/api/v1/series",
      "https://http-intake.logs.datadoghq.com/api/v2/logs",
    ],
    [
      {
        DATADOG_URL: "HTTP://Intake.lan/",
        DATADOG_LOGS_URL: "https://logs.lan:8443/x/",
        DD_SITE: "datadoghq.eu",
      },
      "http://intake.lan/v1/series",
      "https://logs.lan:8443/x/api/v2/logs",
    ],
    [
      { DATADOG_LOGS_URL: "http://[::1]:80", DD_SITE: "ddog-gov.com" },
      "https://api.ddog-gov.com/api/v1/series",
      "http://[::1]/api/v2/logs",
    ],
  ])("%j", (env, series, logs) => {
    const config = load(env);
    expect(config.intakeUrls).toMatchObject({ series, logs });
  });

  const directory = "/home/pi/.local/state/chouette";
  const at = (url: string) =>
    ({
      type: "redis",
      address: parseRedisUrl(url),
      named: undefined,
      userRuntime: undefined,
      maxRecords: 1_000_000,
    }) as const;
  test.each([
    [{}, embedded(directory), undefined],
    [{ REDIS_PORT: "7000" }, embedded(directory), undefined],
    [{ REDIS_HOST: "r" }, at("redis://r:6379"), "redis://r:6379"],
    [{ REDIS_HOST: "::1", REDIS_PORT: "7000" }, at("redis://[::1]:7000"), "redis://[::1]:7000"],
    [{ REDIS_HOST: "[::1]" }, at("redis://[::1]"), "redis://[::1]"],
    [{ REDIS_HOST: "r", REDIS_PORT: "tcp://10.96.0.7:6380" }, at("redis://r:6380"), "redis://r:6380"],
    [{ REDIS_HOST: "r", CHOUETTE_STORAGE_TYPE: "sqlite" }, embedded(directory), "redis://r:6379"],
    [{ CHOUETTE_STORAGE_TYPE: "Redis" }, at("redis://redis:6379"), "redis://redis:6379"],
    [{ CHOUETTE_STORAGE_TYPE: "redis", REDIS_PORT: "7000" }, at("redis://redis:7000"), "redis://redis:7000"],
    ...[
      "rediss://u:p%40@r:7000/3",
      "unix:///run/redis.sock?db=1",
      "redis+unix:///run/r.sock",
      "redis:///run/r.sock",
      "redis://:50%off@r",
      "/run/r.sock",
    ].map((url) => [{ REDIS_URL: url, REDIS_HOST: "x" }, at(url), url] as const),
    [{ CHOUETTE_STATE_DIR: "/data/c/" }, embedded("/data/c"), undefined],
    [{ STATE_DIRECTORY: "/var/lib/chouette:/var/lib/other" }, embedded("/var/lib/chouette"), undefined],
    [{ CHOUETTE_STATE_DIR: "/a:b", STATE_DIRECTORY: "/c" }, embedded("/a:b"), undefined],
    [{ XDG_STATE_HOME: "/xdg" }, embedded("/xdg/chouette"), undefined],
    [{ XDG_STATE_HOME: "relative" }, embedded(directory), undefined],
  ])("storage with %j", (env, storage, redis) => {
    const config = load(env);
    expect({ storage: config.storage, redis: config.redis }).toEqual({
      storage,
      redis: redis === undefined ? undefined : parseRedisUrl(redis),
    } as never);
  });

  test("without a home directory the state is where systemd would put it", () => {
    const config = loadConfig(
      { API_KEY: KEY },
      { ...sources, home: undefined },
      { pluginVariables, requireApiKey: true },
    );
    expect(config.storage).toEqual(embedded("/var/lib/chouette"));
  });

  test("no key is required without delivery, and an invalid one is not used", () => {
    expect(load({ API_KEY: "" }, { requireApiKey: false })).toStrictEqual({ ...defaults, apiKey: undefined });
    expect(load({ API_KEY: "in ner" }, { requireApiKey: false }).apiKey).toBeUndefined();
  });
});
