import type { Encoding, Item } from "./encoding.ts";
import { compress, type Limits } from "./payload.ts";

/** Divides items into batches for one request each, in order, as full as counting allows; bytes show only once it is encoded. */
export function inBatches<T>(items: readonly Item<T>[], limits: Limits): Item<T>[][] {
  const batches: Item<T>[][] = [];
  let points = 0;
  for (const item of items) {
    const open = batches.at(-1);
    if (open === undefined || open.length >= limits.items || points + item.weight > limits.points) {
      batches.push([item]);
      points = item.weight;
    } else {
      open.push(item);
      points += item.weight;
    }
  }
  return batches;
}

/** Divides a batch in two, in order. */
export function halves<T>(batch: readonly Item<T>[]): [Item<T>[], Item<T>[]] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

/**
 * Puts some single items from all over the rest first, the newest among them, then the others: bad items tend to be neighbors,
 * and one good item proves the intake.
 */
export function samplesFirst<T>(rest: readonly Item<T>[], samples: number, limits: Limits): Item<T>[][] {
  const step = Math.max(1, Math.ceil(rest.length / samples));
  const isSample = (index: number) => (rest.length - 1 - index) % step === 0;
  const others = rest.filter((_, index) => !isSample(index));
  return [...rest.filter((_, index) => isSample(index)).map((item) => [item]), ...inBatches(others, limits)];
}

/** A request's body with its size before compression. */
export type Payload = { wire: Uint8Array; rawBytes: number };

/** Encodes and compresses a batch; returns the reason where the intake cannot take it. */
export function toPayload<T>(batch: readonly Item<T>[], { encode, limits }: Encoding<T>): Payload | string {
  let raw: Uint8Array;
  try {
    const body = encode(batch.map(({ value }) => value));
    raw = typeof body === "string" ? new TextEncoder().encode(body) : body;
  } catch (error) {
    return `cannot be encoded: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (raw.length > limits.rawBytes)
    return `too large: ${raw.length} bytes, the intake takes ${limits.rawBytes}`;
  const wire = compress(raw);
  return wire.length > limits.wireBytes
    ? `too large: ${wire.length} compressed bytes, the intake takes ${limits.wireBytes}`
    : { wire, rawBytes: raw.length };
}
