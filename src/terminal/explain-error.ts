import { ConfigError } from "../errors.ts";
import { describeOwner } from "../io/process-owner.ts";
import { LeaseBusy } from "../jobs/lease.ts";

/** An error in words for a person: what happened, to what, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    const { issues } = error;
    return ["The configuration has to be mended:", ...issues.map((issue) => `  ${issue}`)].join("\n");
  }
  if (error instanceof LeaseBusy) {
    return `${describeOwner(error.owner)} is at work on this queue and has not finished; it will send what is there, or try again in a minute`;
  }
  return error instanceof Error ? error.message : String(error);
}
