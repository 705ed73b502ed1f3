import { expect } from "bun:test";
import { deliver } from "../../src/datadog/deliver.ts";
import type { Delivery } from "../../src/datadog/delivery.ts";
import type { Encoding, Item } from "../../src/datadog/encoding.ts";
import type { Limits } from "../../src/datadog/payload.ts";
import { memoryIntake } from "../helpers/memory-intake.ts";

export const NO_LIMITS: Limits = {
  items: Infinity,
  points: Infinity,
  rawBytes: Infinity,
  wireBytes: Infinity,
};
export const ACCEPTED: Delivery = { outcome: "accepted", status: 202, error: "" };
export const BAD: Delivery = { outcome: "bisect", status: 400, error: "bad request" };
export const LARGE: Delivery = { outcome: "halve", status: 413, error: "too large" };

/** Items are numbers; `answer` sees those of one payload. */
export async function delivery(
  values: readonly number[],
  answer: (values: number[], request: number) => Delivery | Promise<Delivery>,
  options: {
    limits?: Partial<Limits>;
    weight?: (value: number) => number;
    signal?: AbortSignal;
    trusted?: boolean;
    track?: Encoding<number>["track"];
    /** Characters of white space that the body has more because of this value; four of them compress to a byte. */
    padding?: (value: number) => number;
  } = {},
) {
  const posts: number[][] = [];
  const accepted: number[][] = [];
  const rejected: [value: number, reason: string][] = [];
  let bytes = 0;
  let reporting = false;
  const encoding: Encoding<number> = {
    track: options.track ?? "series",
    limits: { ...NO_LIMITS, ...options.limits },
    encode: (numbers) =>
      JSON.stringify(numbers) + numbers.map((value) => whiteSpace(options.padding?.(value) ?? 0)).join(""),
  };
  const intake = memoryIntake(async ({ track, text, wireBytes }) => {
    expect(track).toBe(encoding.track);
    expect(reporting).toBe(false);
    const sent: number[] = JSON.parse(text);
    posts.push(sent);
    const answered = await answer(sent, posts.length);
    if (answered.outcome === "accepted") bytes += wireBytes;
    return answered;
  });
  const items = values.map(
    (value): Item<number> => ({
      key: `k${value}`,
      value,
      weight: options.weight?.(value) ?? 1,
    }),
  );
  let reportedBytes = 0;
  const report = async (write: () => void) => {
    reporting = true;
    await Promise.resolve();
    write();
    reporting = false;
  };
  const result = await deliver(
    items,
    encoding,
    intake,
    {
      accepted: (taken, size) =>
        report(() => {
          accepted.push(taken.map(({ key }) => Number(key.slice(1))));
          reportedBytes += size;
        }),
      rejected: (item, reason) => report(() => rejected.push([item.value, reason])),
    },
    options.signal ?? new AbortController().signal,
    { trusted: options.trusted ?? false },
  );
  expect(reportedBytes).toBe(bytes);
  return { result, posts, accepted, rejected };
}

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** White space in no order. */
function whiteSpace(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return " \t\n\r"[state % 4];
  }).join("");
}
