import { ConfigError } from "../errors.ts";
import { describeOwner } from "../io/process-owner.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import { printableLines } from "./printable.ts";

/** Returns an error in a person's words: what happened, to what, and what to do. A mistake in the configuration has a line each. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    const { issues } = error;
    return ["Invalid configuration:", ...issues.map((issue) => `  ${printableLines(issue)}`)].join("\n");
  }
  if (error instanceof LeaseBusy)
    return `${describeOwner(error.owner)} is still working on this queue; it will send what is there, or try again in a minute`;
  return printableLines(error instanceof Error ? error.message : String(error));
}
