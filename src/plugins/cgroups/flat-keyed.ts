import type { Skip } from "../kernel/skipped-lines.ts";

const LINE = /^[^\s=]+ -?\d+\s*$/;
const WELL_FORMED = /^(?:[^\s=]+ -?\d+\n)*$/;

/**
 * Parses the value of one key of a "flat keyed" file, such as memory.stat, cpu.stat or memory.events
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html#format); undefined when the key is missing.
 *
 *     usage_usec 26772130245
 *     user_usec 20979069928
 */
export function parseFlatKeyed(text: string, key: string, source: string, skip: Skip): number | undefined {
  // memory.stat has some 50 lines and a device 200 groups: lines are looked at one by one only where something is wrong.
  if (!WELL_FORMED.test(text))
    for (const line of text.split("\n")) if (line !== "" && !LINE.test(line)) skip(source, line);
  const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  const [, value] = /^\S+ (-?\d+)\s*$/.exec(lineAt(text, start)) ?? [];
  return value === undefined || !text.startsWith(`${key} `, start) ? undefined : Number(value);
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return text.slice(start, end === -1 ? undefined : end);
}
