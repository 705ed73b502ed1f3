import { describe, expect, test } from "bun:test";
import { serviceCheckParser, serviceCheckRecord } from "../../src/records/service-check.ts";

const AT = 1_591_541_270.5;

describe("a service check's record", () => {
  test("waits at the time of the check, or from now on", () => {
    const check = { name: "db.up", status: 2, tags: [] } as const;
    expect(serviceCheckRecord({ ...check, timestamp: 1_591_541_000 }, AT, "k").at).toBe(1_591_541_000);
    expect(serviceCheckRecord({ ...check, timestamp: 1_591_550_000 }, AT, "k").at).toBe(AT);
    expect(serviceCheckRecord(check, AT, "k")).toEqual({
      key: "k",
      at: AT,
      body: '{"name":"db.up","status":2,"tags":[],"timestamp":1591541270}',
    });
  });

  test("is read as it was written, its tags normalized and with the global ones", () => {
    const check = {
      name: "db.up",
      status: 1,
      timestamp: 1_591_541_000,
      host: "pi5",
      message: "slow",
      tags: ["db:main "],
    } as const;
    const { body } = serviceCheckRecord(check, AT, "k");
    expect(serviceCheckParser(["env:prod"])(body, AT)).toEqual({ ...check, tags: ["db:main_", "env:prod"] });
  });

  test("has a message of at most 4000 characters", () => {
    const body = JSON.stringify({ name: "n", status: 0, message: "x".repeat(5000) });
    expect(serviceCheckParser([])(body, AT)?.message).toBe("x".repeat(4000));
  });

  test.each([
    "",
    "[]",
    "null",
    '{"status":0}',
    '{"name":"","status":0}',
    '{"name":"n"}',
    '{"name":"n","status":4}',
  ])("is none: %s", (body) => {
    expect(serviceCheckParser([])(body, AT)).toBeUndefined();
  });
});
