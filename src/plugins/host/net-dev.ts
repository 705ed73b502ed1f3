import { ParseError } from "../../errors.ts";

/** What one interface has carried since it came up. */
export type NetDevice = { name: string; received: Traffic; sent: Traffic };

export type Traffic = { bytes: number; errors: number; drops: number };

/**
 * /proc/net/dev (proc_pid_net(5)); eight columns received, then eight sent, under two lines of headings. Columns widen when
 * numbers grow, and old kernels leave no blank behind the colon:
 *
 *       eth0: 10010025    7702    0    0    0     0          0       549   193967    1558    0    0    0     0       0          0
 */
export function parseNetDev(text: string): NetDevice[] {
  const [, headings, ...lines] = text.split("\n");
  if (headings === undefined || !headings.includes("face")) throw new ParseError("/proc/net/dev", text);
  return lines.filter((line) => line !== "").map(parseDevice);
}

function parseDevice(line: string): NetDevice {
  const match = /^ *(\S+):((?: *\d+)(?: +\d+){15,}) *$/.exec(line);
  if (match === null) throw new ParseError("/proc/net/dev", line);
  const [, name = "", columns = ""] = match;
  const numbers = columns.trim().split(/ +/).map(Number);
  return { name, received: trafficOf(numbers.slice(0, 4)), sent: trafficOf(numbers.slice(8, 12)) };
}

function trafficOf([bytes = 0, , errors = 0, drops = 0]: readonly number[]): Traffic {
  return { bytes, errors, drops };
}
