import { ParseError } from "../../errors.ts";

/**
 * A "flat keyed" file, such as memory.stat, cpu.stat or memory.events
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html#format):
 *
 *     usage_usec 26772130245
 *     user_usec 20979069928
 */
export function parseFlatKeyed(text: string, source: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = /^([^\s=]+) (-?\d+)$/.exec(line);
    if (match?.[1] === undefined) throw new ParseError(source, line);
    values.set(match[1], Number(match[2]));
  }
  return values;
}
