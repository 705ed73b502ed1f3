import { parseLines, type Skip } from "../kernel/skipped-lines.ts";

/** The traffic of an interface since it came up. */
export type NetDevice = { name: string; received: Traffic; sent: Traffic };

export type Traffic = { bytes: number; errors: number; drops: number };

/**
 * Parses /proc/net/dev (proc_pid_net(5)); eight columns received, then eight sent, under two lines of headings. Columns widen
 * when numbers grow, and old kernels leave no blank behind the colon:
 *
 *      face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
 *       eth0: 10010025    7702    0    0    0     0          0       549   193967    1558    0    0    0     0       0          0
 */
export function parseNetDev(text: string, skip: Skip): NetDevice[] {
  return parseLines(withoutHeadings(text), "/proc/net/dev", skip, (line) => {
    const match = /^\s*(\S+):((?:\s*\d+)(?:\s+\d+){15,})\s*$/.exec(line);
    if (match === null) return undefined;
    const [, name = "", columns = ""] = match;
    const numbers = columns.trim().split(/\s+/).map(Number);
    return { name, received: trafficOf(numbers.slice(0, 4)), sent: trafficOf(numbers.slice(8, 12)) };
  });
}

function withoutHeadings(text: string): string {
  return text.replace(/^[^:\n]*\|.*$/gm, "");
}

function trafficOf([bytes = 0, , errors = 0, drops = 0]: readonly number[]): Traffic {
  return { bytes, errors, drops };
}
