import * as v from "valibot";
import type { Delivery } from "../datadog/delivery.ts";
import { parseJson } from "../json/parse-json.ts";
import type { Storage } from "../storage/storage.ts";

/** How the last attempt to deliver went; `at` is Unix seconds. */
const LastDelivery = v.object({
  at: v.number(),
  outcome: v.picklist(["delivered", "held", "failed"]),
  error: v.nullable(v.string()),
});

export type LastDelivery = v.InferOutput<typeof LastDelivery>;

const NOTE = "last-delivery";

/** The note to commit with what was delivered, or after what was not. */
export function lastDeliveryNote(at: number, failure: Delivery | undefined): Record<string, string> {
  const outcome = failure === undefined ? "delivered" : failure.outcome === "hold" ? "held" : "failed";
  const last: LastDelivery = { at, outcome, error: failure?.error.slice(0, 1000) ?? null };
  return { [NOTE]: JSON.stringify(last) };
}

/** What was noted last; undefined when nothing has been sent yet, or the note is not ours. */
export async function readLastDelivery(storage: Pick<Storage, "note">): Promise<LastDelivery | undefined> {
  const text = await storage.note(NOTE);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(LastDelivery, parseJson(text));
  return parsed.success ? parsed.output : undefined;
}
