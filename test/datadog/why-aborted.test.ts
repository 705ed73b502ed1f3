import { expect, test } from "bun:test";
import { whyAborted } from "../../src/datadog/why-aborted.ts";

test("an Error given as the reason is reported", () => {
  expect(whyAborted(AbortSignal.abort(new Error("its 48 s were over")))).toBe(": its 48 s were over");
});

test.each([
  ["an Error without a message", new Error()],
  ["a text", "a text"],
  ["none", undefined],
])("a time limit adds no empty reason: %s", (_, reason) => {
  expect(whyAborted(AbortSignal.abort(reason))).toBe("");
});
