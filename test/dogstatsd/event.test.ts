import { describe, expect, test } from "bun:test";
import { parseEvent } from "../../src/dogstatsd/event.ts";

test("an event has every field of its line", () => {
  const line =
    "_e{5,4}:title|text|d:1463746133|h:box|k:key|p:low|s:my source|t:error|#a:1,b|c:ci-abc|e:x|card:low";
  expect(parseEvent(line)).toEqual({
    title: "title",
    text: "text",
    timestamp: 1463746133,
    host: "box",
    aggregationKey: "key",
    priority: "low",
    sourceType: "my source",
    alertType: "error",
    tags: ["a:1", "b"],
  });
});

describe("the lengths in an event", () => {
  test("count bytes, not characters", () => {
    expect(parseEvent("_e{3,6}:é!|ü€x|#a")).toEqual({ title: "é!", text: "ü€x", tags: ["a"] });
  });

  test("allow pipes and newlines in title and text, which count as written", () => {
    expect(parseEvent("_e{4,8}:a|\\n|c|d\\ne\\n|#f")).toEqual({
      title: "a|\n",
      text: "c|d\ne\n",
      tags: ["f"],
    });
  });

  test("cut the text when they are too small, and its rest is not a field", () => {
    expect(parseEvent("_e{1,1}:t|x#a|p:low")).toEqual({ title: "t", text: "x", priority: "low", tags: [] });
  });

  test("may be 0 for the text but not for the title", () => {
    expect(parseEvent("_e{1,0}:t|")).toEqual({ title: "t", text: "", tags: [] });
    expect(parseEvent("_e{1,0}:t||p:low")).toEqual({ title: "t", text: "", priority: "low", tags: [] });
    expect(parseEvent("_e{0,1}:|t")).toBeUndefined();
  });

  test("cut a text with umlauts when they count characters, and nothing else is lost", () => {
    expect(parseEvent("_e{1,4}:t|täxt|p:low|#a")).toEqual({
      title: "t",
      text: "täx",
      priority: "low",
      tags: ["a"],
    });
  });

  test.each([
    "_e{2,4}:täxt|text",
    "_e{5,5}:title|text",
    "_e{4,4}:title|text",
    "_e{5,4}:title",
    "_e{5,4}",
    "_e{5,4}title|text",
    "_e{5, 4}:title|text",
    "_e{+5,4}:title|text",
    "_e{5,4:title|text",
    "_e{1e0,1}:a|b",
  ])("must match the line, unlike in %p", (line) => {
    expect(parseEvent(line)).toBeUndefined();
  });
});

test("an event leaves out invalid and empty fields", () => {
  const fields = "d:|d:1.5|d:-1|h:|k:|s:|p:high|p:|t:user_update|#|x:y|nonsense|";
  expect(parseEvent(`_e{1,1}:a|b|${fields}`)).toEqual({ title: "a", text: "b", tags: [] });
});

test("an event keeps the last valid one of a repeated field", () => {
  expect(parseEvent("_e{1,1}:a|b|p:low|p:normal|p:x|#a|#b")).toEqual({
    title: "a",
    text: "b",
    priority: "normal",
    tags: ["b"],
  });
});
