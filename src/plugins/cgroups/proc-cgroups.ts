import { ParseError } from "../../errors.ts";

/**
 * The controllers of the kernel, and whether each is switched on, from /proc/cgroups (cgroups(7)):
 *
 *     #subsys_name	hierarchy	num_cgroups	enabled
 *     memory	0	39	0
 */
export function parseProcCgroups(text: string, source: string): ReadonlyMap<string, boolean> {
  const controllers = new Map<string, boolean>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const match = /^(\w+)\s+\d+\s+\d+\s+([01])$/.exec(line);
    if (match?.[1] === undefined) throw new ParseError(source, line);
    controllers.set(match[1], match[2] === "1");
  }
  return controllers;
}
