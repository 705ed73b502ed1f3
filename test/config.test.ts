import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { coreVariables } from "../src/config/variables.ts";
import { type Config, type ConfigOptions, loadConfig } from "../src/config.ts";
import { type Env, integerSchema, listOfSchema, type Variables } from "../src/env.ts";
import { ConfigError } from "../src/errors.ts";

const KEY = "0123456789abcdef0123456789abcdef";

const pluginVariables = {
  host: {
    metrics: {
      names: ["HOST_COLLECTOR_METRICS"],
      default: '["cpu","ram"]',
      meaning: "Groups.",
      expects: "a list of cpu, ram",
      schema: listOfSchema(["cpu", "ram"]),
    },
  },
  k8s: {
    port: {
      names: ["K8S_STATS_SERVICE_PORT"],
      default: "10250",
      meaning: "Port.",
      expects: "a port",
      schema: integerSchema(1, 65_535),
    },
  },
} satisfies Record<string, Variables>;

const missing = (): never => {
  throw Object.assign(new Error("no such file"), { code: "ENOENT" });
};
const sources = { hostname: "pi4", home: "/home/pi", readText: missing };

function load(env: Env, options: Partial<ConfigOptions> = {}): Config {
  return loadConfig({ API_KEY: KEY, ...env }, sources, { pluginVariables, requireApiKey: true, ...options });
}

function issuesOf(env: Env, options: Partial<ConfigOptions> = {}): readonly string[] {
  try {
    load(env, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

const defaults: Config = {
  apiKey: KEY,
  seriesUrl: "https://api.datadoghq.com/api/v1/series",
  logsIntakeUrl: "https://http-intake.logs.datadoghq.com/api/v2/logs",
  metricsApiVersion: 1,
  logsApiVersion: 2,
  proxy: { no: [] },
  host: "pi4",
  globalTags: [],
  plugins: { chosen: [], values: { host: { metrics: ["cpu", "ram"] }, k8s: { port: 10_250 } }, issues: {} },
  pluginMaxPoints: 2000,
  captureInterval: 30,
  aggregateInterval: 10,
  releaseInterval: 60,
  metricTtl: 14_400,
  logTtl: 64_800,
  metricsBulkSize: 10_000,
  wrapper: "datadog",
  histogramAggregates: ["max", "median", "avg", "count"],
  histogramPercentiles: [0.95],
  sendSelfMetrics: true,
  logLevel: "info",
  storage: { type: "sqlite", directory: "/home/pi/.local/state/chouette" },
  redisUrl: undefined,
  hostRoot: "/",
};

describe("loadConfig", () => {
  test("defaults", () => {
    expect(load({})).toStrictEqual(defaults);
  });

  const set: Record<string, [env: Env, expected: Partial<Config>]> = {
    "tags as JSON": [{ GLOBAL_TAGS: '["a:b","c:d e"]' }, { globalTags: ["a:b", "c:d e"] }],
    "tags with commas": [{ DD_TAGS: "a:b,c:d" }, { globalTags: ["a:b", "c:d"] }],
    "tags with blanks": [{ DD_TAGS: "a:b c:d" }, { globalTags: ["a:b", "c:d"] }],
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
    "a wrapper of one's own": [{ METRICS_WRAPPER: "./Own.ts" }, { wrapper: "./Own.ts" }],
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
  ])("%j", (env, seriesUrl, logsIntakeUrl) => {
    const config = load(env);
    expect([config.seriesUrl, config.logsIntakeUrl]).toEqual([seriesUrl, logsIntakeUrl]);
  });

  const directory = "/home/pi/.local/state/chouette";
  test.each([
    [{}, { type: "sqlite", directory }, undefined],
    [{ REDIS_PORT: "7000" }, { type: "sqlite", directory }, undefined],
    [{ REDIS_HOST: "r" }, { type: "redis", url: "redis://r:6379" }, "redis://r:6379"],
    [
      { REDIS_HOST: "::1", REDIS_PORT: "7000" },
      { type: "redis", url: "redis://[::1]:7000" },
      "redis://[::1]:7000",
    ],
    [
      { REDIS_HOST: "r", REDIS_PORT: "tcp://10.96.0.7:6380" },
      { type: "redis", url: "redis://r:6380" },
      "redis://r:6380",
    ],
    [{ REDIS_HOST: "r", CHOUETTE_STORAGE_TYPE: "sqlite" }, { type: "sqlite", directory }, "redis://r:6379"],
    [{ CHOUETTE_STORAGE_TYPE: "Redis" }, { type: "redis", url: "redis://redis:6379" }, "redis://redis:6379"],
    [
      { CHOUETTE_STORAGE_TYPE: "redis", REDIS_PORT: "7000" },
      { type: "redis", url: "redis://redis:7000" },
      "redis://redis:7000",
    ],
    [
      { REDIS_URL: "rediss://u:p%40@r:7000/3", REDIS_HOST: "x" },
      { type: "redis", url: "rediss://u:p%40@r:7000/3" },
      "rediss://u:p%40@r:7000/3",
    ],
    [
      { REDIS_URL: "unix:///run/redis.sock?db=1" },
      { type: "redis", url: "unix:///run/redis.sock?db=1" },
      "unix:///run/redis.sock?db=1",
    ],
    [
      { REDIS_URL: "redis+unix:///run/r.sock" },
      { type: "redis", url: "redis+unix:///run/r.sock" },
      "redis+unix:///run/r.sock",
    ],
    [{ CHOUETTE_STATE_DIR: "/data/c/" }, { type: "sqlite", directory: "/data/c" }, undefined],
    [
      { STATE_DIRECTORY: "/var/lib/chouette:/var/lib/other" },
      { type: "sqlite", directory: "/var/lib/chouette" },
      undefined,
    ],
    [{ CHOUETTE_STATE_DIR: "/a:b", STATE_DIRECTORY: "/c" }, { type: "sqlite", directory: "/a:b" }, undefined],
    [{ XDG_STATE_HOME: "/xdg" }, { type: "sqlite", directory: "/xdg/chouette" }, undefined],
    [{ XDG_STATE_HOME: "relative" }, { type: "sqlite", directory }, undefined],
  ])("storage with %j", (env, storage, redisUrl) => {
    const config = load(env);
    expect({ storage: config.storage, redisUrl: config.redisUrl }).toEqual({ storage, redisUrl } as never);
  });

  test("without a home the state is where systemd would put it", () => {
    const config = loadConfig(
      { API_KEY: KEY },
      { ...sources, home: undefined },
      { pluginVariables, requireApiKey: true },
    );
    expect(config.storage).toEqual({ type: "sqlite", directory: "/var/lib/chouette" });
  });

  test("plugins: names, modules and commands, each once", () => {
    const chosen = [
      { type: "built-in", name: "host" },
      { type: "module", path: "./my/wifi.ts" },
      { type: "exec", command: "/usr/bin/speed --once" },
      { type: "built-in", name: "k8s" },
    ];
    const items = ["host", "./my/wifi.ts", "exec: /usr/bin/speed --once", "K8s", "host"];
    expect(load({ COLLECT_PLUGINS: JSON.stringify(items) }).plugins.chosen).toEqual(chosen as never);
    expect(load({ COLLECTOR_PLUGINS: "exec:/bin/a host,/b.js" }).plugins.chosen).toEqual([
      { type: "exec", command: "/bin/a" },
      { type: "built-in", name: "host" },
      { type: "module", path: "/b.js" },
    ]);
  });

  test("a mistake in a plugin's variable counts when the plugin was chosen, else it is kept for who runs it", () => {
    const issue = 'K8S_STATS_SERVICE_PORT: got "x", expects a port';
    expect(issuesOf({ K8S_STATS_SERVICE_PORT: "x", COLLECT_PLUGINS: "k8s" })).toEqual([issue]);
    expect(load({ K8S_STATS_SERVICE_PORT: "x", HOST_COLLECTOR_METRICS: "ram" }).plugins).toEqual({
      chosen: [],
      values: { host: { metrics: ["ram"] } },
      issues: { k8s: [issue] },
    });
  });
});

describe("mistakes", () => {
  test("all at once, one line each, in the order of the table", () => {
    const names = Object.values(coreVariables)
      .map((variable) => variable.names[0])
      .filter((name) => name !== "API_KEY_FILE");
    const issues = issuesOf(Object.fromEntries(names.map((name) => [name, "[x y"])));
    expect(issues.map((issue) => issue.split(":")[0] as string)).toEqual(names);
    expect(issues.filter((issue) => issue.includes("\n"))).toEqual([]);
  });

  const seconds = "expects a whole number of seconds from 1 to 86400";
  const url = "expects an http:// or https:// URL without user, password, query and fragment";
  const hidden = "got a value that is not printed, it may hold a secret";
  const proxy =
    "expects http://[user:password@]host:port, the special characters of a password percent-encoded";
  const redis =
    "expects redis://[user:password@]host[:port][/database], the same with rediss://, or unix:///path, the special characters of a password percent-encoded";
  const plugins =
    'expects names among host, k8s, paths with a / in them, or exec:command (with blanks in the command: ["exec:command argument"])';
  test.each([
    ["AGGREGATE_INTERVAL", "0", `got "0", ${seconds}`],
    ["CAPTURE_INTERVAL", "86401", `got "86401", ${seconds}`],
    ["RELEASE_INTERVAL", "1.5", `got "1.5", ${seconds}`],
    ["METRIC_TTL", "0", 'got "0", expects a whole number of seconds from 1'],
    [
      "LOG_TTL",
      "99999999999999999999",
      'got "99999999999999999999", expects a whole number of seconds from 1',
    ],
    ["METRICS_BULK_SIZE", "100001", 'got "100001", expects a whole number from 1 to 100000'],
    ["PLUGIN_MAX_POINTS", "0", 'got "0", expects a whole number from 1 to 1000000'],
    ["REDIS_PORT", "65536", 'got "65536", expects a port from 1 to 65535'],
    [
      "REDIS_HOST",
      "r:6379",
      'got "r:6379", expects a host name or an address alone; give REDIS_URL for anything more',
    ],
    [
      "REDIS_HOST",
      "[::1",
      'got "[::1", expects a host name or an address alone; give REDIS_URL for anything more',
    ],
    ["HISTOGRAM_PERCENTILES", "0.5 1.01", 'got "1.01", expects a list of numbers from 0 to 1'],
    ["DD_HISTOGRAM_PERCENTILES", "95", 'got "95", expects a list of numbers from 0 to 1'],
    ["HISTOGRAM_AGGREGATES", "max,mean", 'got "mean", expects a list of max, median, avg, count, sum, min'],
    [
      "GLOBAL_TAGS",
      '["a"',
      'got "[\\"a\\"", expects a list of tags: ["env:prod","zone:a"] or env:prod,zone:a',
    ],
    [
      "LOG_LEVEL",
      "loud",
      'got "loud", expects one of TRACE, DEBUG, INFO, WARNING, WARN, ERROR, CRITICAL, FATAL, OFF',
    ],
    [
      "METRICS_WRAPPER",
      "dogstatsd",
      'got "dogstatsd", expects datadog, simple, or a path of one\'s own module with a / in it',
    ],
    ["CHOUETTE_STORAGE_TYPE", "mysql", 'got "mysql", expects one of redis, sqlite'],
    ["SEND_SELF_METRICS", "si", 'got "si", expects true or false'],
    ["METRICS_API_VERSION", "3", 'got "3", expects 1 or 2'],
    ["LOGS_API_VERSION", "v2", 'got "v2", expects 1 or 2'],
    ["HOST", "my host", 'got "my host", expects a host name of at most 255 bytes without blanks'],
    [
      "HOST",
      "é".repeat(128),
      `got "${"é".repeat(100)}", expects a host name of at most 255 bytes without blanks`,
    ],
    ["HOST_ROOT", "host", 'got "host", expects an absolute path'],
    ["STATE_DIRECTORY", "chouette:/b", 'got "chouette", expects an absolute path'],
    [
      "DD_SITE",
      "https://datadoghq.eu",
      'got "https://datadoghq.eu", expects the name of a site alone, such as datadoghq.com, datadoghq.eu or us3.datadoghq.com',
    ],
    [
      "DD_SITE",
      "app.datadoghq.eu",
      'got "app.datadoghq.eu", expects the name of a site alone, such as datadoghq.com, datadoghq.eu or us3.datadoghq.com',
    ],
    ["DATADOG_URL", "api.datadoghq.com", `got "api.datadoghq.com", ${url}`],
    ["DATADOG_URL", "ftp://api.datadoghq.com", `got "ftp://api.datadoghq.com", ${url}`],
    ["DATADOG_URL", "https://a b/", `got "https://a b/", ${url}`],
    ["DATADOG_URL", "https://h/api?x=1", `got "https://h/api?x=1", ${url}`],
    ["DATADOG_URL", "https://h/api?api_key=s3cret", `${hidden}, ${url}`],
    ["DATADOG_LOGS_URL", "https://user:s3cret@h/", `${hidden}, ${url}`],
    ["DATADOG_LOGS_URL", "https:/user:s3cret@h/", `${hidden}, ${url}`],
    ["HTTPS_PROXY", "socks5://u:s3cret@h", `${hidden}, ${proxy}`],
    ["DD_PROXY_HTTP", "http://u:s3%zzcret@h", `${hidden}, ${proxy}`],
    ["HTTP_PROXY", "http://u:s3cret@h/path", `${hidden}, ${proxy}`],
    ["REDIS_URL", "http://h", `${hidden}, ${redis}`],
    ["REDIS_URL", "redis://:s3#cret@h", `${hidden}, ${redis}`],
    ["REDIS_URL", "redis://:s3%zzcret@h", `${hidden}, ${redis}`],
    ["REDIS_URL", "redis://", `${hidden}, ${redis}`],
    ["REDIS_URL", "redis://h/first", `${hidden}, ${redis}`],
    ["REDIS_URL", "unix://run/redis.sock", `${hidden}, ${redis}`],
    ["REDIS_URL", "unix:///", `${hidden}, ${redis}`],
    ["COLLECT_PLUGINS", "host,hots", `got "hots", ${plugins}`],
    ["COLLECTOR_PLUGINS", "constructor", `got "constructor", ${plugins}`],
    ["COLLECT_PLUGINS", '["exec: "]', `got "exec:", ${plugins}`],
  ])("%s=%s", (name, text, rest) => {
    expect(issuesOf({ [name]: text })).toEqual([`${name}: ${rest}`]);
  });

  test("the system's host name is checked too", () => {
    const load = () =>
      loadConfig({ API_KEY: KEY }, { ...sources, hostname: "" }, { pluginVariables, requireApiKey: true });
    expect(load).toThrow('HOST: got "", expects a host name of at most 255 bytes without blanks');
  });

  test("no key is an issue unless none is required", () => {
    expect(issuesOf({ API_KEY: "" })).toEqual([
      "API_KEY: got nothing, expects a Datadog API key; it may also come from DD_API_KEY, from a file (API_KEY_FILE) or from the systemd credential api_key",
    ]);
    expect(load({ API_KEY: "" }, { requireApiKey: false })).toStrictEqual({ ...defaults, apiKey: undefined });
    expect(load({ API_KEY: "in ner" }, { requireApiKey: false }).apiKey).toBeUndefined();
  });

  test("never show a key or a password, whatever is wrong with it and with the rest", () => {
    const secret = fc
      .string({ unit: fc.constantFrom(..."abcXYZ019 \t\n\r\0é%#@:/?[]{}\"'\\$&="), minLength: 12 })
      .filter((text) => text.trim().length >= 12);
    fc.assert(
      fc.property(secret, secret, secret, (key, redis, proxy) => {
        const issues = issuesOf({
          API_KEY: `${key}\n${key}`,
          REDIS_URL: `redis:/:${redis}@host`,
          HTTPS_PROXY: `socks5://user:${proxy}@host`,
          DATADOG_URL: `https:/user:${redis}@host`,
          DATADOG_LOGS_URL: `https://host/?api_key=${key}`,
          LOG_LEVEL: "loud",
        });
        expect(issues.length).toBe(6);
        for (const issue of issues) {
          expect(issue).not.toContain("\n");
          for (const text of [key, redis, proxy]) {
            expect(issue).not.toContain(text.trim());
            expect(issue).not.toContain(JSON.stringify(text.trim()).slice(1, -1));
          }
        }
      }),
    );
  });
});

test("the table: no name twice, every default is what the variable expects, every meaning is a sentence", () => {
  const all = Object.values(coreVariables);
  const names = all.flatMap((variable) => variable.names);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  for (const variable of all) {
    expect(variable.meaning).toMatch(/^[A-Z].*\.$/);
    expect("default" in variable).not.toBe("otherwise" in variable);
  }
});
