import { describe, expect, test } from "bun:test";
import { deliver } from "../../src/datadog/deliver.ts";
import type { Delivery } from "../../src/datadog/delivery.ts";
import type { Encoding } from "../../src/datadog/encoding.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";
import { ACCEPTED, BAD, delivery, LARGE, NO_LIMITS, upTo } from "./deliver-rig.ts";

test("a delivery that fits takes one request", async () => {
  expect(await delivery([1, 2, 3], () => ACCEPTED)).toEqual({
    result: ACCEPTED,
    posts: [[1, 2, 3]],
    accepted: [[1, 2, 3]],
    rejected: [],
  });
});

test("nothing to send is accepted without a request", async () => {
  expect(await delivery([], () => BAD)).toEqual({
    result: { outcome: "accepted", status: 0, error: "" },
    posts: [],
    accepted: [],
    rejected: [],
  });
});

describe("limits", () => {
  test("of items", async () => {
    const { posts, accepted } = await delivery([1, 2, 3, 4, 5], () => ACCEPTED, { limits: { items: 2 } });
    expect(posts).toEqual([[1, 2], [3, 4], [5]]);
    expect(accepted).toEqual(posts);
  });

  test("of points: an item with more is sent alone", async () => {
    const { posts } = await delivery([1, 2, 3, 9, 1, 4], () => ACCEPTED, {
      limits: { points: 5 },
      weight: (value) => value,
    });
    expect(posts).toEqual([[1, 2], [3], [9], [1, 4]]);
  });

  test("of raw bytes: halves until it fits, and what is too large alone is rejected", async () => {
    const { result, posts, rejected } = await delivery([1, 2, 3_000_000_000, 4], () => ACCEPTED, {
      limits: { rawBytes: 7 },
    });
    expect(posts).toEqual([[1, 2], [4]]);
    expect(rejected).toEqual([[3_000_000_000, "too large: 12 bytes, the intake takes 7"]]);
    expect(result).toEqual(ACCEPTED);
  });

  test("of compressed bytes", async () => {
    const { posts, accepted, rejected } = await delivery(upTo(400), () => ACCEPTED, {
      limits: { wireBytes: 200 },
    });
    expect(posts.length).toBeGreaterThan(1);
    expect(accepted.flat()).toEqual(upTo(400));
    expect(rejected).toEqual([]);
  });

  test("an item that cannot be encoded is not sent, its neighbors are", async () => {
    const rejected: [string, string][] = [];
    const posts: string[] = [];
    const encoding: Encoding<bigint | number> = {
      track: "logs",
      limits: NO_LIMITS,
      encode: (values) => JSON.stringify(values),
    };
    const result = await deliver(
      [1, 2n, 3].map((value) => ({ key: String(value), value, weight: 1 })),
      encoding,
      memoryIntake(({ text }) => {
        posts.push(text);
        return ACCEPTED;
      }),
      { accepted: async () => {}, rejected: async ({ key }, reason) => void rejected.push([key, reason]) },
      new AbortController().signal,
    );
    expect(result).toEqual(ACCEPTED);
    expect(posts).toEqual(["[1]", "[3]"]);
    expect(rejected).toEqual([["2", expect.stringMatching(/^cannot be encoded: .*BigInt/)]]);
  });
});

test("413: halves in order, and an item that is too large alone is rejected", async () => {
  const { result, posts, accepted, rejected } = await delivery([1, 2, 9, 4], (values) =>
    values.length > 2 || values.includes(9) ? LARGE : ACCEPTED,
  );
  expect(posts).toEqual([[1, 2, 9, 4], [1, 2], [9, 4], [9], [4]]);
  expect(accepted).toEqual([[1, 2], [4]]);
  expect(rejected).toEqual([[9, "too large"]]);
  expect(result).toEqual(ACCEPTED);
});

test("400: bisects down to the bad item, everything else is delivered", async () => {
  const { result, posts, accepted, rejected } = await delivery(upTo(64), (values) =>
    values.includes(37) ? BAD : ACCEPTED,
  );
  expect(accepted.flat().sort((a, b) => a - b)).toEqual(upTo(64).filter((value) => value !== 37));
  expect(rejected).toEqual([[37, "bad request"]]);
  expect(result).toEqual(ACCEPTED);
  expect(posts.length).toBe(13);
});

test.each([
  { outcome: "hold", status: 403, error: "check API_KEY" },
  { outcome: "retry", status: 503, error: "unavailable", retryAfter: 30 },
] satisfies Delivery[])(
  "$outcome ends the delivery at once, and accepted items are not sent again",
  async (failure) => {
    const { result, posts, accepted, rejected } = await delivery(
      [1, 2, 3, 4, 5],
      (_, request) => (request === 2 ? failure : ACCEPTED),
      { limits: { items: 2 } },
    );
    expect(result).toEqual(failure);
    expect(posts).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(accepted).toEqual([[1, 2]]);
    expect(rejected).toEqual([]);
  },
);

test("an aborted signal ends the delivery between two requests", async () => {
  const stop = new AbortController();
  const { result, accepted } = await delivery(
    [1, 2],
    () => {
      stop.abort();
      return ACCEPTED;
    },
    { limits: { items: 1 }, signal: stop.signal },
  );
  expect(result).toEqual({ outcome: "retry", status: 0, error: "stopped before everything was sent" });
  expect(accepted).toEqual([[1]]);
});

test("the reason of an aborted signal is reported", async () => {
  const signal = AbortSignal.abort(new Error("the release's 48 s are over"));
  const { result } = await delivery([1], () => ACCEPTED, { signal });
  expect(result.error).toBe("stopped before everything was sent: the release's 48 s are over");
});

test("an error of the report rejects, without further requests", async () => {
  let posts = 0;
  const sent = deliver(
    [1, 2].map((value) => ({ key: String(value), value, weight: 1 })),
    { track: "logs", limits: { ...NO_LIMITS, items: 1 }, encode: JSON.stringify },
    memoryIntake(() => {
      posts++;
      return ACCEPTED;
    }),
    {
      accepted: () => Promise.reject(new Error("the lease is lost")),
      rejected: async () => {},
    },
    new AbortController().signal,
  );
  expect(sent).rejects.toThrow("the lease is lost");
  await sent.catch(() => {});
  expect(posts).toBe(1);
});
