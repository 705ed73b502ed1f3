import type { Delivery, Intake } from "./delivery.ts";
import { compress, type Limits } from "./payload.ts";
import { whyAborted } from "./time-limit.ts";

/** One record of a queue. */
export type Item<T> = {
  key: string;
  value: T;
  /** Points in it; 1 for a log. */
  weight: number;
};

/** How values become the body of one request. */
export type Encoding<T> = {
  track: "series" | "logs";
  limits: Limits;
  /** The JSON text. Throws when one of the values can never be sent; the message says why. */
  encode(values: readonly T[]): string;
};

/** Is told, and waited for, before the next request, what became of which items. */
export type DeliveryReport<T> = {
  /** A 2xx for these, with so many bytes on the wire. */
  accepted(items: readonly Item<T>[], bytes: number): Promise<void>;
  /** It can never be sent. */
  rejected(item: Item<T>, reason: string): Promise<void>;
};

/** `trusted`: the intake has accepted something of this track before, since the process started. */
export type DeliverOptions = { trusted: boolean };

/**
 * Sends the items in as few requests as limits and answers allow, and reports each of them once: accepted, or rejected
 * when it is too large alone or what a 400 is about. Resolves "accepted" when all are reported; at "hold" and "retry" it
 * stops at once with that Delivery, and what is not reported is to be sent again. Rejects only when `report` does.
 *
 * A 400 condemns an item only where the intake has accepted another in this call, or for one single item before: an intake
 * at a wrong URL, or one that is broken, refuses everything, and that is a "hold". Bad items that are alone in the queue wait
 * until another is accepted beside them.
 */
export async function deliver<T>(
  items: readonly Item<T>[],
  encoding: Encoding<T>,
  intake: Intake,
  report: DeliveryReport<T>,
  signal: AbortSignal,
  { trusted }: DeliverOptions = { trusted: false },
): Promise<Delivery> {
  let last: Delivery = { outcome: "accepted", status: 0, error: "" };
  /** Refused alone, before the intake has taken anything: is it they that are bad, or the address? */
  let suspects: Suspect<T>[] = [];
  let waiting = inPayloads(items, encoding.limits);

  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    if (signal.aborted) return { ...STOPPED, error: `${STOPPED.error}${whyAborted(signal)}` };
    const only = batch.length === 1 ? batch[0] : undefined;
    const payload = toPayload(batch, encoding);
    if (typeof payload === "string") {
      if (only === undefined) waiting.unshift(...halves(batch));
      else await report.rejected(only, payload);
      continue;
    }
    const delivery = await intake.post(encoding.track, payload, signal);
    if (delivery.outcome === "hold" || delivery.outcome === "retry") return delivery;
    if (delivery.outcome === "accepted") {
      last = delivery;
      await report.accepted(batch, payload.length);
      await rejectAll(suspects, report);
      suspects = [];
    } else if (only === undefined) {
      waiting.unshift(...halves(batch));
    } else if (last.status !== 0) {
      await report.rejected(only, delivery.error);
    } else {
      suspects.push({ item: only, delivery });
      if (suspects.length === MANY) waiting = samplesFirst(waiting.flat(), encoding.limits);
      if (suspects.length === 2 * MANY) break;
    }
  }
  if (suspects.length > MANY) return distrust(suspects, encoding);
  const refused = suspects.filter(({ delivery }) => delivery.outcome === "bisect");
  const doubted = trusted && refused.length === 1 ? [] : refused;
  const condemned = suspects.filter((suspect) => !doubted.includes(suspect));
  await rejectAll(condemned, report);
  return doubted.length > 0 ? distrust(doubted, encoding) : last;
}

type Suspect<T> = { item: Item<T>; delivery: Delivery };

/** So many single items may be refused, none accepted, until it looks as if the intake refuses everything. */
const MANY = 10;

const STOPPED: Delivery = { outcome: "retry", status: 0, error: "stopped before everything was sent" };

/** An intake that refuses everything would have the whole queue thrown away, item by item. */
function distrust<T>(suspects: readonly Suspect<T>[], { track }: Encoding<T>): Delivery {
  const { status, error } = suspects.at(-1)?.delivery ?? STOPPED;
  const check =
    track === "series" ? "DATADOG_URL and METRICS_API_VERSION" : "DATADOG_LOGS_URL and LOGS_API_VERSION";
  return {
    outcome: "hold",
    status,
    error: `the intake refused each record sent alone (${suspects.length}), so nothing is thrown away: check ${check}. ${error}`,
  };
}

async function rejectAll<T>(suspects: readonly Suspect<T>[], report: DeliveryReport<T>): Promise<void> {
  for (const { item, delivery } of suspects) await report.rejected(item, delivery.error);
}

/** Single items from all over the rest, then the others: bad items tend to be neighbors, and one good item proves the intake. */
function samplesFirst<T>(rest: readonly Item<T>[], limits: Limits): Item<T>[][] {
  const step = Math.max(1, Math.ceil(rest.length / MANY));
  const samples = rest.filter((_, index) => index % step === 0);
  const others = rest.filter((_, index) => index % step !== 0);
  return [...samples.map((item) => [item]), ...inPayloads(others, limits)];
}

/** In order, each as full as counting allows; bytes show only once it is encoded. */
function inPayloads<T>(items: readonly Item<T>[], limits: Limits): Item<T>[][] {
  const payloads: Item<T>[][] = [];
  let points = 0;
  for (const item of items) {
    const open = payloads.at(-1);
    if (open === undefined || open.length >= limits.items || points + item.weight > limits.points) {
      payloads.push([item]);
      points = item.weight;
    } else {
      open.push(item);
      points += item.weight;
    }
  }
  return payloads;
}

function halves<T>(batch: readonly Item<T>[]): [Item<T>[], Item<T>[]] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

/** The compressed body, or why there is none. */
function toPayload<T>(batch: readonly Item<T>[], { encode, limits }: Encoding<T>): Uint8Array | string {
  let raw: Uint8Array;
  try {
    raw = new TextEncoder().encode(encode(batch.map(({ value }) => value)));
  } catch (error) {
    return `cannot be encoded: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (raw.length > limits.rawBytes)
    return `too large: ${raw.length} bytes, the intake takes ${limits.rawBytes}`;
  const wire = compress(raw);
  return wire.length > limits.wireBytes
    ? `too large: ${wire.length} compressed bytes, the intake takes ${limits.wireBytes}`
    : wire;
}
