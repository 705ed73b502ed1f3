import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { describeConfig, secretsOf } from "../../src/config/disclosure.ts";
import type { Env } from "../../src/config/variable.ts";
import { embedded, usualUrls } from "./load.ts";

function load(env: Env): Config {
  const readText = () => {
    throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  };
  const sources = { hostname: "pi4", home: "/home/pi", readText, readCertificates: () => [] };
  return loadConfig(env, sources, { pluginVariables: {}, requireApiKey: false });
}

const full = load({
  API_KEY: "0123456789abcdef",
  COLLECT_PLUGINS: '["/own.ts","exec:/usr/bin/speed --password s3cret"]',
  REDIS_URL: "rediss://me:re%40dis@r:7000/3?password=query%2Fpw",
  HTTPS_PROXY: "http://proxy-user:proxy%3Apw@proxy:3128",
  HTTP_PROXY: "http://only-token@proxy",
  NO_PROXY: "localhost",
});

describe("describeConfig", () => {
  test("is the whole configuration without key, passwords and arguments of commands", () => {
    expect(describeConfig(full)).toEqual({
      apiKey: "set",
      intakeUrls: usualUrls,
      metricsApiVersion: 1,
      logsApiVersion: 2,
      proxy: { https: "http://proxy:3128", http: "http://proxy", no: ["localhost"] },
      host: "pi4",
      globalTags: [],
      logFiles: [],
      journaldUnits: [],
      logsListen: [],
      logMask: "0 patterns",
      logsLevel: "debug",
      logsMaxBytesPerDay: 0,
      plugins: ["/own.ts", "exec:/usr/bin/speed"],
      pluginMaxPoints: 2000,
      captureInterval: 30,
      distributionPointsMax: 100,
      dogstatsd: undefined,
      redisListen: undefined,
      maxSeries: 5000,
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
      sendSelfMetrics: true,
      logLevel: "info",
      logFormat: "auto",
      storage: { type: "redis", where: "rediss://r:7000/3" },
      redis: "rediss://r:7000/3",
      caFiles: [],
      hostRoot: "/",
    });
  });

  test("without key, Redis and proxies", () => {
    expect(describeConfig(load({}))).toMatchObject({
      apiKey: "not set",
      storage: embedded("/home/pi/.local/state/chouette"),
      proxy: { no: [] },
    });
    expect(describeConfig(load({ REDIS_URL: "unix:///run/r.sock?password=s3cret" })).redis).toBe(
      "unix:///run/r.sock",
    );
  });
});

describe("secretsOf", () => {
  test("names the key and every spelling of the passwords", () => {
    expect(secretsOf(full)).toEqual([
      "0123456789abcdef",
      "re@dis",
      "re%40dis",
      "proxy%3Apw",
      "proxy:pw",
      "only-token",
    ]);
    expect(secretsOf(load({ REDIS_URL: "redis://:50%off@r" }))).toEqual(["50%off", "50%25off"]);
    expect(secretsOf(load({}))).toEqual([]);
  });

  test("whatever the password, it is among them and not in the description", () => {
    const password = fc.string({ unit: "grapheme", minLength: 8 }).map((text) => `${text}#secret`);
    fc.assert(
      fc.property(password, (text) => {
        const written = encodeURIComponent(text);
        const env = {
          API_KEY: "0123456789abcdef",
          REDIS_URL: `redis://:${written}@r`,
          HTTPS_PROXY: `http://u:${written}@p`,
        };
        const config = load(env);
        expect(secretsOf(config)).toContain(text);
        const shown = JSON.stringify(describeConfig(config));
        for (const secret of ["0123456789abcdef", written, JSON.stringify(text).slice(1, -1)])
          expect(shown).not.toContain(secret);
      }),
    );
  });
});
