import * as v from "valibot";
import { parseJson } from "../json/parse-json.ts";
import type { Storage } from "../storage/storage.ts";

/** What the agent knew last about the clock; `held`: captures wait until it is confirmed. */
const ClockStatus = v.object({ confirmed: v.boolean(), held: v.boolean() });

export type ClockStatus = v.InferOutput<typeof ClockStatus>;

const NOTE = "clock";

export function clockNote(status: ClockStatus): Record<string, string> {
  return { [NOTE]: JSON.stringify(status) };
}

/** Reads what was noted last; undefined when no agent has noted anything. */
export async function readClockStatus(storage: Pick<Storage, "note">): Promise<ClockStatus | undefined> {
  const text = await storage.note(NOTE);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(ClockStatus, parseJson(text));
  return parsed.success ? parsed.output : undefined;
}
