import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { coreVariables, loadConfig } from "../../src/config/config.ts";
import { issuesOf, KEY, pluginVariables, sources } from "./load.ts";

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

  const hidden = "got a value that is not printed, it may hold a secret";
  test.each<readonly [string, string, string]>([
    ["AGGREGATE_INTERVAL", "0", `got "0"`],
    ["CAPTURE_INTERVAL", "86401", `got "86401"`],
    ["RELEASE_INTERVAL", "1.5", `got "1.5"`],
    ["METRIC_TTL", "0", 'got "0"'],
    ["HISTORICAL_METRICS", "1 h", 'got "1 h"'],
    ["BACKLOG_BYTES_PER_SECOND", "-1", 'got "-1"'],
    ["LOG_TTL", "99999999999999999999", 'got "99999999999999999999"'],
    ["METRICS_BULK_SIZE", "100001", 'got "100001"'],
    ["PLUGIN_MAX_POINTS", "0", 'got "0"'],
    ["REDIS_PORT", "65536", 'got "65536"'],
    ["REDIS_HOST", "r:6379", 'got "r:6379"; give REDIS_URL for anything more'],
    ["REDIS_HOST", "[::1", 'got "[::1"; give REDIS_URL for anything more'],
    ["HISTOGRAM_PERCENTILES", "0.5 1.01", 'got "1.01"'],
    ["DD_HISTOGRAM_PERCENTILES", "95", 'got "95"'],
    ["HISTOGRAM_PERCENTILES", "[0.5, 0.95, 0.951]", 'got "0.95 and 0.951"'],
    ["HISTOGRAM_PERCENTILES", "0.999 1 2", 'got "2"'],
    ["HISTOGRAM_AGGREGATES", "max,mean", 'got "mean"'],
    ["GLOBAL_TAGS", '["a"', `got "[\\"a\\""`],
    ["GLOBAL_TAGS", '["a:b","site:my attic"]', `got "site:my attic"; there is a blank in the tag`],
    ["DD_TAGS", "'env:prod site:attic'", `got "'env:prod"; there is a quote in the tag`],
    ["DD_TAGS", "env:prod;site:attic", `got "env:prod;site:attic"; there is a ; in the tag`],
    ["DD_TAGS", "env:prod # ours", `got "#"; a comment needs a separate line`],
    ["DD_TAGS", "env: prod", `got "env:"; the tag ends with its colon: no blank may follow it`],
    ["DD_TAGS", "env:$ENV", `got "env:$ENV"; variables are not replaced here`],
    [
      "DD_TAGS",
      "env:prod]",
      `got "env:prod]"; a list in brackets is JSON, with double quotes around each tag`,
    ],
    ["LOG_LEVEL", "loud", 'got "loud"'],
    ["METRICS_WRAPPER", "dogstatsd", 'got "dogstatsd"'],
    ["CHOUETTE_STORAGE_TYPE", "mysql", 'got "mysql"'],
    ["SEND_SELF_METRICS", "si", 'got "si"'],
    ["METRICS_API_VERSION", "3", 'got "3"'],
    ["LOGS_API_VERSION", "v2", 'got "v2"'],
    ["HOST", "my host", `got "my host"`],
    ["HOST", "é".repeat(128), `got "${"é".repeat(100)}"`],
    ["HOST", '"pi4"', `got "\\"pi4\\""; there is a quote in it`],
    ["HOST", "$HOSTNAME", `got "$HOSTNAME"; variables and commands are not replaced here`],
    ["HOST", "%H", `got "%H"; variables and commands are not replaced here`],
    ["DD_HOSTNAME", "pi-`id`", `got "pi-\`id\`"; variables and commands are not replaced here`],
    ...["localhost", "LocalHost.localdomain", "ip6-localhost", "(none)", "127.0.1.1", "::1"].map(
      (name) => ["HOST", name, `got "${name}"; this is the name of every device`] as const,
    ),
    ["HOST_ROOT", "host", 'got "host"'],
    ["STATE_DIRECTORY", "chouette:/b", 'got "chouette"'],
    ["DD_SITE", "https://datadoghq.eu", 'got "https://datadoghq.eu"'],
    ["DD_SITE", "app.datadoghq.eu", 'got "app.datadoghq.eu"'],
    ["DATADOG_URL", "api.datadoghq.com", `got "api.datadoghq.com"`],
    ["DATADOG_URL", "ftp://api.datadoghq.com", `got "ftp://api.datadoghq.com"`],
    ["DATADOG_URL", "https://a b/", `got "https://a b/"`],
    ["DATADOG_URL", "https://h/api?x=1", `got "https://h/api?x=1"`],
    ["DATADOG_URL", "https://h/api?api_key=s3cret", `${hidden}`],
    ["DATADOG_LOGS_URL", "https://user:s3cret@h/", `${hidden}`],
    ["DATADOG_LOGS_URL", "https:/user:s3cret@h/", `${hidden}`],
    ["HTTPS_PROXY", "socks5://u:s3cret@h", `${hidden}`],
    ["DD_PROXY_HTTP", "http://u:s3%zzcret@h", `${hidden}`],
    ["HTTP_PROXY", "http://u:s3cret@h/path", `${hidden}`],
    ["REDIS_URL", "http://h", `${hidden}; it starts with none of these`],
    ["REDIS_URL", "redis://:s3#cret@h", `${hidden}; ${SIGNS}`],
    ["REDIS_URL", "redis://", `${hidden}; the host is missing`],
    ["REDIS_URL", "redis://h/first", `${hidden}; the database is not a whole number`],
    ["REDIS_URL", "redis://h/3?db=one", `${hidden}; the database is not a whole number`],
    ["REDIS_URL", "redis://h?db=1.5", `${hidden}; the database is not a whole number`],
    ["REDIS_URL", "unix:///r.sock?db=x", `${hidden}; the database is not a whole number`],
    ["REDIS_URL", "unix:///", `${hidden}; the path of the socket is missing`],
    ["COLLECT_PLUGINS", "host,hots", `got "hots"; did you mean host?`],
    ["COLLECTOR_PLUGINS", "constructor", `got "constructor"`],
    ["COLLECT_PLUGINS", '["exec: "]', `${hidden}`],
    ["COLLECT_PLUGINS", "exec:curl -u me:hunter2 http://x/", `${hidden}`],
    ["COLLECT_PLUGINS", '["exec:TOKEN=hunter2 curl http://x/', `${hidden}`],
  ])("%s=%s", (name, text, parts) => {
    const [got = "", reason = ""] = parts.split(/; (.*)/);
    const [issue = "", ...others] = issuesOf({ [name]: text });
    expect(others).toEqual([]);
    expect(issue).toStartWith(`${name}: ${got}, expects `);
    expect(issue).toContain(reason);
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
      expect.stringMatching(/^API_KEY: got nothing, expects .*DD_API_KEY.*API_KEY_FILE.*systemd credential/),
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
