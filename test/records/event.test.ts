import { describe, expect, test } from "bun:test";
import { eventParser, eventRecord } from "../../src/records/event.ts";

const AT = 1_591_541_270.5;

describe("an event's record", () => {
  test("waits at the time of the event", () => {
    const event = { title: "deployed", text: "1.2.3", timestamp: 1_591_540_000, tags: ["b", "a"] };
    expect(eventRecord(event, AT, "k")).toEqual({
      key: "k",
      at: 1_591_540_000,
      body: JSON.stringify(event),
    });
  });

  test("waits from now on when it has no time, and when its time is to come", () => {
    const event = { title: "deployed", text: "", tags: [] };
    expect(eventRecord(event, AT, "k")).toEqual({
      key: "k",
      at: AT,
      body: JSON.stringify({ ...event, timestamp: 1_591_541_270 }),
    });
    expect(eventRecord({ ...event, timestamp: 1_591_550_000 }, AT, "k").at).toBe(AT);
  });

  test("is read as it was written, its tags normalized and with the global ones", () => {
    const event = {
      title: "deployed",
      text: "1.2.3",
      timestamp: 1_591_540_000,
      host: "pi5",
      priority: "low",
      alertType: "success",
      aggregationKey: "release",
      sourceType: "ci",
      tags: ["zone:a b"],
    } as const;
    const { body } = eventRecord(event, AT, "k");
    expect(eventParser(["env:prod"])(body, AT)).toEqual({ ...event, tags: ["env:prod", "zone:a_b"] });
  });

  test("is cut where the intake takes no more, and never within a character", () => {
    const text = `${"x".repeat(3999)}🦉`;
    const body = JSON.stringify({ title: "t", text, aggregationKey: "k".repeat(101), tags: null });
    expect(eventParser([])(body, AT)).toEqual({
      title: "t",
      text: "x".repeat(3999),
      timestamp: 1_591_541_270,
      aggregationKey: "k".repeat(100),
      tags: [],
    });
  });

  test("loses fields with values that the intake does not know", () => {
    const body = JSON.stringify({
      title: "t",
      text: 5,
      timestamp: "now",
      host: "",
      priority: "high",
      alertType: 1,
    });
    expect(eventParser([])(body, AT)).toEqual({ title: "t", text: "", timestamp: 1_591_541_270, tags: [] });
  });

  test.each(["", "[]", "null", "5", '{"text":"no title"}', '{"title":""}', '{"title":7}'])(
    "is none: %s",
    (body) => {
      expect(eventParser([])(body, AT)).toBeUndefined();
    },
  );
});
