import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { coreVariables, loadConfig } from "../../src/config/config.ts";
import { issuesOf, KEY, pluginVariables, sources } from "./load.ts";

const LIST = '["host","docker"] or host,docker';
const SIGNS = "signs like / # ? @ in a password must be written as %2F %23 %3F %40";

describe("mistakes", () => {
  test("are reported all at once, one line each, in the order of the table", () => {
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
  const tags = 'expects a list of tags: ["env:prod","zone:a"], env:prod,zone:a or env:prod zone:a';
  const host = "expects a host name of at most 255 bytes, of letters, digits, dots, - and _";
  const plugins =
    'expects names among host, k8s, paths with a / in them, or exec:command (with blanks in the command: ["exec:command argument"])';
  test.each<readonly [string, string, string]>([
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
    [
      "HISTOGRAM_PERCENTILES",
      "0.5 1.01",
      'got "1.01", expects a list of numbers from 0 to 1, no two of which round to the same percent',
    ],
    [
      "DD_HISTOGRAM_PERCENTILES",
      "95",
      'got "95", expects a list of numbers from 0 to 1, no two of which round to the same percent',
    ],
    [
      "HISTOGRAM_PERCENTILES",
      "[0.5, 0.95, 0.951]",
      'got "0.95 and 0.951", expects a list of numbers from 0 to 1, no two of which round to the same percent',
    ],
    [
      "HISTOGRAM_PERCENTILES",
      "0.999 1 2",
      'got "2", expects a list of numbers from 0 to 1, no two of which round to the same percent',
    ],
    ["HISTOGRAM_AGGREGATES", "max,mean", 'got "mean", expects a list of max, median, avg, count, sum, min'],
    ["GLOBAL_TAGS", '["a"', `got "[\\"a\\"", ${tags}`],
    ["GLOBAL_TAGS", '["a:b","site:my attic"]', `got "site:my attic", ${tags}; there is a blank in the tag`],
    ["DD_TAGS", "'env:prod site:attic'", `got "'env:prod", ${tags}; there is a quote in the tag`],
    ["DD_TAGS", "env:prod;site:attic", `got "env:prod;site:attic", ${tags}; there is a ; in the tag`],
    ["DD_TAGS", "env:prod # ours", `got "#", ${tags}; a comment needs a line of its own`],
    ["DD_TAGS", "env: prod", `got "env:", ${tags}; the tag ends with its colon: no blank may follow it`],
    ["DD_TAGS", "env:$ENV", `got "env:$ENV", ${tags}; variables are not replaced here`],
    [
      "DD_TAGS",
      "env:prod]",
      `got "env:prod]", ${tags}; a list in brackets is JSON, with double quotes around each tag`,
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
    ["HOST", "my host", `got "my host", ${host}`],
    ["HOST", "é".repeat(128), `got "${"é".repeat(100)}", ${host}`],
    ["HOST", '"pi4"', `got "\\"pi4\\"", ${host}; there is a quote in it`],
    ["HOST", "$HOSTNAME", `got "$HOSTNAME", ${host}; variables and commands are not replaced here`],
    ["HOST", "%H", `got "%H", ${host}; variables and commands are not replaced here`],
    ["DD_HOSTNAME", "pi-`id`", `got "pi-\`id\`", ${host}; variables and commands are not replaced here`],
    ...["localhost", "LocalHost.localdomain", "ip6-localhost", "(none)", "127.0.1.1", "::1"].map(
      (name) => ["HOST", name, `got "${name}", ${host}; this is the name of every device`] as const,
    ),
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
    ["REDIS_URL", "http://h", `${hidden}, ${redis}; it starts with none of these`],
    ["REDIS_URL", "redis://:s3#cret@h", `${hidden}, ${redis}; ${SIGNS}`],
    ["REDIS_URL", "redis://", `${hidden}, ${redis}; the host is missing`],
    ["REDIS_URL", "redis://h/first", `${hidden}, ${redis}; the database is not a whole number`],
    ["REDIS_URL", "redis://h/3?db=one", `${hidden}, ${redis}; the database is not a whole number`],
    ["REDIS_URL", "redis://h?db=1.5", `${hidden}, ${redis}; the database is not a whole number`],
    ["REDIS_URL", "unix:///r.sock?db=x", `${hidden}, ${redis}; the database is not a whole number`],
    ["REDIS_URL", "unix:///", `${hidden}, ${redis}; the path of the socket is missing`],
    ["COLLECT_PLUGINS", "host,hots", `got "hots", ${plugins}; did you mean host?`],
    ["COLLECTOR_PLUGINS", "constructor", `got "constructor", ${plugins}`],
    ["COLLECT_PLUGINS", '["exec: "]', `${hidden}, ${plugins}`],
    ["COLLECT_PLUGINS", "exec:curl -u me:hunter2 http://x/", `${hidden}, ${plugins}`],
    [
      "COLLECT_PLUGINS",
      '["exec:TOKEN=hunter2 curl http://x/',
      `${hidden}, expects a list of plugins: ${LIST}`,
    ],
  ])("%s=%s", (name, text, rest) => {
    expect(issuesOf({ [name]: text })).toEqual([`${name}: ${rest}`]);
  });

  test("percentiles that are refused are exactly those that would give a histogram two values of one name", () => {
    const percentiles = fc.uniqueArray(fc.constantFrom(0, 0.004, 0.005, 0.5, 0.949, 0.95, 0.951, 0.999, 1));
    fc.assert(
      fc.property(percentiles, (given) => {
        const wrap = datadogWrapper({ aggregates: [], percentiles: given });
        const merged = { metric: "m", type: "histogram", tags: [], interval: 10, values: [1] } as const;
        const names = new Set(wrap(merged).map(({ metric }) => metric));
        const issues = issuesOf({ HISTOGRAM_PERCENTILES: JSON.stringify(given) });
        expect(issues.length).toBe(names.size === given.length ? 0 : 1);
      }),
    );
  });

  test("include an invalid host name of the system", () => {
    const load = () =>
      loadConfig({ API_KEY: KEY }, { ...sources, hostname: "" }, { pluginVariables, requireApiKey: true });
    expect(load).toThrow('HOST: got "", expects a host name');
  });

  test("include a missing key", () => {
    expect(issuesOf({ API_KEY: "" })).toEqual([
      "API_KEY: got nothing, expects a Datadog API key; it may also come from DD_API_KEY, from a file (API_KEY_FILE) or from the systemd credential api_key",
    ]);
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
