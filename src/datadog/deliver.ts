import { halves, inBatches, samplesFirst, toPayload } from "./batches.ts";
import type { Delivery, Intake } from "./delivery.ts";
import type { Encoding, Item } from "./encoding.ts";
import { createTrial, MANY, type Suspect } from "./trial.ts";
import { whyAborted } from "./why-aborted.ts";

/** Gets the outcome of items, and is awaited before the next request. */
export type DeliveryReport<T> = {
  /** The intake has taken these; `bytes` went over the wire. */
  accepted(items: readonly Item<T>[], bytes: number): Promise<void>;
  /** The item can never be sent. */
  rejected(item: Item<T>, reason: string): Promise<void>;
};

/** `trusted`: the intake has accepted something of this track since a record was last rejected or a delivery failed. */
export type DeliverOptions = { trusted: boolean };

/**
 * Sends the items in as few requests as limits and answers allow, and reports each of them once: accepted, or rejected when it
 * is too large alone or refused alone (see `Trial`). Resolves "accepted" when all are reported. Stops at once at "retry" and
 * "hold"; what has not been reported is to be sent again. Resolves "hold" too when the intake seems to refuse everything.
 * Rejects only when `report` does.
 */
export async function deliver<T>(
  items: readonly Item<T>[],
  encoding: Encoding<T>,
  intake: Intake,
  report: DeliveryReport<T>,
  signal: AbortSignal,
  { trusted }: DeliverOptions = { trusted: false },
): Promise<Delivery> {
  const trial = createTrial<T>(trusted);
  let last: Delivery = { outcome: "accepted", status: 0, error: "" };
  let waiting = inBatches(items, encoding.limits);
  const rejectAll = async (condemned: readonly Suspect<T>[]) => {
    for (const { item, delivery } of condemned) await report.rejected(item, delivery.error);
  };

  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    if (signal.aborted) return { ...STOPPED, error: `${STOPPED.error}${whyAborted(signal)}` };
    const only = batch.length === 1 ? batch[0] : undefined;
    const payload = toPayload(batch, encoding);
    if (typeof payload === "string") {
      if (only === undefined) waiting.unshift(...halves(batch));
      else await report.rejected(only, payload);
      continue;
    }
    const wireBytes = payload.wire.length;
    const delivery = await intake.post(encoding.track, payload.wire, signal);
    if (delivery.outcome === "hold" || delivery.outcome === "retry") return delivery;
    if (delivery.outcome === "accepted") {
      last = delivery;
      await report.accepted(batch, wireBytes);
      await rejectAll(trial.accepted(wireBytes));
    } else if (only === undefined) {
      waiting.unshift(...halves(batch));
    } else {
      const suspects = trial.refused({ item: only, delivery, wireBytes, rawBytes: payload.rawBytes });
      if (suspects === MANY) waiting = samplesFirst(waiting.flat(), MANY, encoding.limits);
      if (suspects === 2 * MANY) break;
    }
  }
  const { condemned, doubted } = trial.verdict();
  await rejectAll(condemned);
  return doubted.length > 0 ? doubtIntake(doubted, encoding.track) : last;
}

const STOPPED: Delivery = { outcome: "retry", status: 0, error: "stopped before everything was sent" };

/** What decides where a track is sent; DATADOG_URL alone for the others. */
const VARIABLES: Partial<Record<Encoding<unknown>["track"], string>> = {
  series: "DATADOG_URL and METRICS_API_VERSION",
  logs: "DATADOG_LOGS_URL and LOGS_API_VERSION",
};

/** Returns a "hold" that explains why refused records are kept. */
function doubtIntake<T>(doubted: readonly Suspect<T>[], track: Encoding<T>["track"]): Delivery {
  const { status, error } = doubted.at(-1)?.delivery ?? STOPPED;
  const variables = VARIABLES[track] ?? "DATADOG_URL";
  const limit = status === 413 ? ", and the size limit of any proxy on the way" : "";
  return {
    outcome: "hold",
    status,
    error: `the intake refused each record sent alone (${doubted.length}), so nothing is thrown away: check ${variables}${limit}. ${error}`,
  };
}
