import { ParseError } from "../../errors.ts";
import type { DeviceBytes, IoBytes } from "./figures.ts";

/**
 * io.stat of cgroup v2 (https://docs.kernel.org/admin-guide/cgroup-v2.html#io-interface-files):
 *
 *     8:0 rbytes=512 wbytes=4096 rios=100 wios=1 dbytes=5 dios=23
 *     7:7 7:6 7:5 7:4 rbytes=556032 wbytes=0 rios=78 wios=0 dbytes=0 dios=0
 *
 * Kernels 5.x print devices without counters without a line end, as 7:7, 7:6 and 7:5 here: the numbers are those of
 * the last device before them.
 */
export function parseIoStat(text: string, source: string): DeviceBytes {
  const devices = new Map<string, IoBytes>();
  for (const line of text.split("\n")) {
    const words = line.split(" ").filter((word) => word !== "");
    const counters = words.findIndex((word) => !/^\d+:\d+$/.test(word));
    const device = words[counters - 1];
    if (counters === -1) continue;
    if (device === undefined) throw new ParseError(source, line);
    const values = words.slice(counters);
    if (!values.every((word) => word.includes("="))) throw new ParseError(source, line);
    devices.set(device, { read: bytes("rbytes"), write: bytes("wbytes") });

    function bytes(key: string): number {
      const text = values.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1) ?? "0";
      if (!/^\d+$/.test(text)) throw new ParseError(source, line);
      return Number(text);
    }
  }
  return devices;
}
