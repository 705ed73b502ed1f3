import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { InvalidValue } from "../../src/errors.ts";
import { parseRedisUrl, tcpAddress } from "../../src/redis/address.ts";

const tcp = { host: "pi4", port: 6379, db: 0, tls: false, where: "redis://pi4:6379" };
const socket = { path: "/run/redis.sock", db: 0, tls: false, where: "unix:///run/redis.sock" };

describe("an address of Redis", () => {
  test("writes host and port, and defaults for the port", () => {
    expect(tcpAddress("pi4", 1234)).toEqual({ ...tcp, port: 1234, where: "redis://pi4:1234" });
    expect(tcpAddress("pi4")).toEqual(tcp);
    expect(tcpAddress("::1")).toEqual({ ...tcp, host: "::1", where: "redis://[::1]:6379" });
  });

  test.each([
    ["redis://pi4", tcp],
    ["redis://pi4/", tcp],
    ["redis://pi4:6379/3", { ...tcp, db: 3, where: "redis://pi4:6379/3" }],
    ["redis://pi4?db=3", { ...tcp, db: 3, where: "redis://pi4:6379/3" }],
    ["redis:///2", { ...tcp, host: "localhost", db: 2, where: "redis://localhost:6379/2" }],
    ["redis://[::1]:6380", { ...tcp, host: "::1", port: 6380, where: "redis://[::1]:6380" }],
    ["redis://:secret@pi4", { ...tcp, password: "secret" }],
    ["redis://user:se%63ret@pi4", { ...tcp, username: "user", password: "secret" }],
    ["redis://:100%@pi4", { ...tcp, password: "100%" }],
    ["rediss://pi4", { ...tcp, tls: true, where: "rediss://pi4:6379" }],
    ["unix:///run/redis.sock", socket],
    ["unix:///run/redis.sock?db=1", { ...socket, db: 1, where: "unix:///run/redis.sock?db=1" }],
    ["unix:///run/redis.sock?username=u&password=p%40", { ...socket, username: "u", password: "p@" }],
    ["redis+unix:///run/redis.sock", socket],
    ["redis:///run/redis.sock", socket],
    ["/run/redis.sock", socket],
  ])("understands %s", (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  test.each([
    ["http://pi4", "it starts with none of these"],
    ["pi4:6379", "it starts with none of these"],
    ["redis://", "the host is missing"],
    ["redis:///", "the host is missing"],
    ["redis://pi4:0", "there is no port 0"],
    ["redis://pi4/zero", "the database is not a whole number"],
    ["redis://pi4?db=-1", "the database is not a whole number"],
    ["redis://pi4?db=1.5", "the database is not a whole number"],
    ["redis://pi4/3?db=one", "the database is not a whole number"],
    ["redis://pi4?db=", "the database is not a whole number"],
    ["unix:///run/redis.sock?db=x", "the database is not a whole number"],
    ["unix://", "the path of the socket is missing"],
    ["unix://run/redis.sock", "three slashes"],
    ["redis://pi 4", "a blank or a backslash"],
    ["redis://:secret/1@pi4", "signs like / # ? @ in a password must be written as %2F %23 %3F %40"],
    ["redis://:secret#1@pi4", "signs like / # ? @ in a password must be written as %2F %23 %3F %40"],
    ["redis://pi4/0#1", "signs like / # ? @ in a password must be written as %2F %23 %3F %40"],
  ])("refuses %s with a reason that does not show it", (url, reason) => {
    let message = "";
    try {
      parseRedisUrl(url);
    } catch (error) {
      if (error instanceof InvalidValue) message = error.message;
    }
    expect(message).toContain(reason);
    expect(message).not.toContain("secret");
  });

  test("gives back any user and password that were percent-encoded, and shows neither", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" }).map((word) => `secret ${word}`);
    fc.assert(
      fc.property(text, text, (username, password) => {
        const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
        expect(parseRedisUrl(`redis://${login}@pi4`)).toEqual({ ...tcp, username, password });
      }),
    );
  });
});
