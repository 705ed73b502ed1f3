import * as v from "valibot";
import type { Delivery } from "../datadog/delivery.ts";
import { parseJson } from "../json/parse-json.ts";
import type { Storage } from "../storage/storage.ts";
import type { RejectedCount } from "./rejected.ts";

/** The outcome of the last delivery attempt; `at` is Unix seconds. */
const LastDelivery = v.object({
  at: v.number(),
  outcome: v.picklist(["delivered", "rejected", "held", "failed"]),
  error: v.nullable(v.string()),
});

export type LastDelivery = v.InferOutput<typeof LastDelivery>;

const NOTE = "last-delivery";

/** Characters of an error that are kept. */
const KEPT = 1000;

/**
 * Returns the note to commit with what was delivered or rejected, or after a failure. `rejected` is what this release has
 * rejected so far: a release with rejected records is shown as such though others were delivered after them.
 */
export function lastDeliveryNote(
  at: number,
  rejected: RejectedCount,
  failure?: Delivery,
): Record<string, string> {
  const last: LastDelivery = { at, ...resultOf(rejected, failure) };
  return { [NOTE]: JSON.stringify({ ...last, error: last.error?.slice(0, KEPT) ?? null }) };
}

function resultOf({ count, first }: RejectedCount, failure: Delivery | undefined): Omit<LastDelivery, "at"> {
  if (failure !== undefined)
    return { outcome: failure.outcome === "hold" ? "held" : "failed", error: failure.error };
  if (count === 0) return { outcome: "delivered", error: null };
  const records = count === 1 ? "1 record was rejected" : `${count} records were rejected, the first`;
  return { outcome: "rejected", error: `${records} because: ${first?.reason}` };
}

/** Reads what was noted last; undefined when nothing has been sent yet, or the note is not Chouette's. */
export async function readLastDelivery(storage: Pick<Storage, "note">): Promise<LastDelivery | undefined> {
  const text = await storage.note(NOTE);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(LastDelivery, parseJson(text));
  return parsed.success ? parsed.output : undefined;
}
