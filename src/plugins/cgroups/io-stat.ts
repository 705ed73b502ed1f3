import { parseLines, type Skip } from "../kernel/skipped-lines.ts";
import { sound } from "../reading.ts";
import type { DeviceBytes, IoBytes } from "./figures.ts";

/**
 * Parses io.stat of cgroup v2 (https://docs.kernel.org/admin-guide/cgroup-v2.html#io-interface-files):
 *
 *     8:0 rbytes=512 wbytes=4096 rios=100 wios=1 dbytes=5 dios=23
 *     7:7 7:6 7:5 7:4 rbytes=556032 wbytes=0 rios=78 wios=0 dbytes=0 dios=0
 *
 * Kernels 5.x print devices without counters without a line end, as 7:7, 7:6 and 7:5 here: the numbers are those of the last
 * device before them. Other keys, such as cost.usage, may have any value.
 */
export function parseIoStat(text: string, source: string, skip: Skip): DeviceBytes {
  return new Map(parseLines(text, source, skip, parseDevice).filter(([device]) => device !== ""));
}

/** The device is empty on a line that has no counters. */
function parseDevice(line: string): [device: string, bytes: IoBytes] | undefined {
  const match = /^((?:\d+:\d+ *)*)(.*)$/.exec(line.trim());
  const device = match?.[1]?.trim().split(" ").at(-1) ?? "";
  const counters = match?.[2] ?? "";
  if (counters === "") return ["", { read: 0, write: 0 }];
  const [read, write] = [bytesOf(counters, "rbytes"), bytesOf(counters, "wbytes")];
  return device === "" || read === undefined || write === undefined ? undefined : [device, { read, write }];
}

/** 0 where the key is missing; undefined where its number cannot be understood or true. */
function bytesOf(counters: string, key: string): number | undefined {
  const word = counters.split(" ").find((each) => each.startsWith(`${key}=`));
  if (word === undefined) return counters.includes("=") ? 0 : undefined;
  const number = word.slice(key.length + 1);
  return /^\d+$/.test(number) ? sound(Number(number)) : undefined;
}
