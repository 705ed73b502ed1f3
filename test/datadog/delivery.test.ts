import { describe, expect, test } from "bun:test";
import { classify, type Outcome, retryAfter } from "../../src/datadog/delivery.ts";

test.each([
  [200, "accepted"],
  [202, "accepted"],
  [201, "hold"],
  [203, "hold"],
  [204, "hold"],
  [206, "hold"],
  [299, "hold"],
  [301, "hold"],
  [304, "hold"],
  [308, "hold"],
  [400, "bisect"],
  [401, "hold"],
  [402, "hold"],
  [403, "hold"],
  [404, "hold"],
  [405, "hold"],
  [407, "hold"],
  [408, "retry"],
  [413, "halve"],
  [415, "hold"],
  [429, "retry"],
  [451, "hold"],
  [499, "hold"],
  [500, "retry"],
  [503, "retry"],
  [599, "retry"],
  [0, "retry"],
  [101, "retry"],
  [600, "retry"],
  [999, "retry"],
] satisfies [number, Outcome][])("%i: %s", (status, outcome) => {
  expect(classify(status)).toBe(outcome);
});

describe("retryAfter", () => {
  const now = 1_600_000_000;
  const date = (seconds: number) => new Date(seconds * 1000).toUTCString();

  test.each([
    ["seconds", { "retry-after": "120" }, 120],
    ["zero", { "retry-after": "0" }, 0],
    ["any case", { "RETRY-After": " 7 " }, 7],
    ["the rate limit's reset", { "X-RateLimit-Reset": "42" }, 42],
    ["Retry-After before the reset", { "x-ratelimit-reset": "42", "retry-after": "3" }, 3],
    ["the reset when Retry-After is not readable", { "x-ratelimit-reset": "42", "retry-after": "soon" }, 42],
    ["a date", { "retry-after": date(now + 90) }, 90],
    ["a date that is over", { "retry-after": date(now - 90) }, 0],
    [
      "a date by the clock of the answer",
      { "retry-after": date(5_000_000_090), date: date(5_000_000_000) },
      90,
    ],
    ["no more than an hour", { "retry-after": "31536000" }, 3600],
    ["no more than an hour by date", { "retry-after": date(now + 86_400) }, 3600],
    ["the first of several", { "retry-after": ["5", "9"] }, 5],
  ])("%s", (_, headers, seconds) => {
    expect(retryAfter(headers, now)).toBe(seconds);
  });

  test.each([
    [{}],
    [{ "retry-after": undefined }],
    [{ "retry-after": "" }],
    [{ "retry-after": [] }],
    [{ "retry-after": "-5" }],
    [{ "retry-after": "1.5" }],
    [{ "retry-after": "1e9" }],
    [{ "retry-after": "NaN" }],
    [{ "retry-after": "Sun, the 1st" }],
    [{ "x-ratelimit-reset": "never" }],
  ])("nothing readable in %j", (headers) => {
    expect(retryAfter(headers, now)).toBeUndefined();
  });
});
