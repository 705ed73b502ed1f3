import { expect, test } from "bun:test";
import { parseServiceCheck, type ServiceCheck } from "../../src/dogstatsd/service-check.ts";

test("every field, in any order", () => {
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

test("a message is read as its author wrote it before the client escaped newlines and m:", () => {
  expect(parseServiceCheck("_sc|a|0|m:one\\ntwo m\\:three")?.message).toBe("one\ntwo m:three");
});

test("fields without sense are left out, and so are empty ones", () => {
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
])("%p is none", (line) => {
  expect(parseServiceCheck(line)).toBeUndefined();
});
