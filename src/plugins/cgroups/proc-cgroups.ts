import { parseLines, type Skip } from "../kernel/skipped-lines.ts";

/**
 * Parses the controllers of the kernel, and whether each is switched on, from /proc/cgroups (cgroups(7)):
 *
 *     #subsys_name	hierarchy	num_cgroups	enabled
 *     memory	0	39	0
 */
export function parseProcCgroups(text: string, source: string, skip: Skip): ReadonlyMap<string, boolean> {
  const rows = text.replace(/^#.*$/gm, "");
  return new Map(
    parseLines(rows, source, skip, (line): [string, boolean] | undefined => {
      const [, controller, enabled] = /^(\w+)\s+\d+\s+\d+\s+([01])\s*$/.exec(line) ?? [];
      return controller === undefined ? undefined : [controller, enabled === "1"];
    }),
  );
}
