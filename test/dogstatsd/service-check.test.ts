import { expect, test } from "bun:test";
import { parseServiceCheck } from "../../src/dogstatsd/service-check.ts";
import type { ServiceCheck } from "../../src/model.ts";

test("a service check has every field of its line, in any order", () => {
  const expected: ServiceCheck = {
    name: "db.up",
    status: 2,
    timestamp: 1136239445,
    host: "box",
    message: "no route",
    tags: ["db:main", "b"],
  };
  const fields = ["d:1136239445", "h:box", "#db:main,b", "m:no route", "c:ci-abc", "card:low"];
  expect(parseServiceCheck(`_sc|db.up|2|${fields.join("|")}`)).toEqual(expected);
  expect(parseServiceCheck(`_sc|db.up|2|${fields.reverse().join("|")}`)).toEqual(expected);
});

test("the message of a service check has its newlines and m: unescaped", () => {
  expect(parseServiceCheck("_sc|a|0|m:one\\ntwo m\\:three")?.message).toBe("one\ntwo m:three");
});

test("a service check leaves out invalid and empty fields", () => {
  expect(parseServiceCheck("_sc|a|3|d:x|d:|h:|m:|#|y:z||")).toEqual({ name: "a", status: 3, tags: [] });
});

test.each([
  "_sc",
  "_sc|",
  "_sc||0",
  "_sc|a",
  "_sc|a|",
  "_sc|a|4",
  "_sc|a|00",
  "_sc|a| 1",
  "_sc|a|1.0",
  "_scx|a|0",
])("%p is not a service check", (line) => {
  expect(parseServiceCheck(line)).toBeUndefined();
});
