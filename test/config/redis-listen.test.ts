import { describe, expect, test } from "bun:test";
import { describeConfig, secretsOf } from "../../src/config/disclosure.ts";
import { issuesOf, load } from "./load.ts";

describe("REDIS_LISTEN", () => {
  test.each([
    ["127.0.0.1:6379", { host: "127.0.0.1", port: 6379 }],
    ["localhost:1", { host: "localhost", port: 1 }],
    ["[::1]:65535", { host: "::1", port: 65_535 }],
    ["/run/chouette/redis.sock", { path: "/run/chouette/redis.sock" }],
  ])("%s", (text, place) => {
    expect(load({ REDIS_LISTEN: text }).redisListen).toEqual({ place, password: undefined });
  });

  test.each([
    "6379",
    "redis:6379",
    "127.0.0.1",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "::1:6379",
    "[127.0.0.1]:1",
    "redis.sock",
    `/${"x".repeat(107)}`,
  ])("refuses %s", (text) => {
    expect(issuesOf({ REDIS_LISTEN: text })).toEqual([
      expect.stringMatching(/^REDIS_LISTEN: .*expects an address and a port/),
    ]);
  });

  test("refuses an address that other machines reach without a password", () => {
    expect(issuesOf({ REDIS_LISTEN: "0.0.0.0:6379" })).toEqual([
      expect.stringMatching(/REDIS_LISTEN_PASSWORD/),
    ]);
    expect(load({ REDIS_LISTEN: "0.0.0.0:6379", REDIS_LISTEN_PASSWORD: "secret" }).redisListen).toEqual({
      place: { host: "0.0.0.0", port: 6379 },
      password: "secret",
    });
  });

  test("refuses to stand beside a Redis", () => {
    for (const redis of [
      { REDIS_HOST: "redis" },
      { REDIS_URL: "redis://r" },
      { CHOUETTE_STORAGE_TYPE: "redis" },
    ])
      expect(issuesOf({ REDIS_LISTEN: "127.0.0.1:6379", ...redis })).toEqual([
        expect.stringMatching(/^REDIS_LISTEN: the queues are in Redis/),
      ]);
  });

  test("has a password that no log shows", () => {
    const config = load({ REDIS_LISTEN: "127.0.0.1:6379", REDIS_LISTEN_PASSWORD: "p4ss" });
    expect(JSON.stringify(describeConfig(config))).not.toContain("p4ss");
    expect(describeConfig(config).redisListen).toEqual({ host: "127.0.0.1", port: 6379 });
    expect(secretsOf(config)).toContain("p4ss");
    expect(issuesOf({ REDIS_LISTEN_PASSWORD: "p4ss word" }).join()).not.toContain("p4ss");
  });
});
