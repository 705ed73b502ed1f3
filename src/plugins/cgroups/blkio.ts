import { ParseError } from "../../errors.ts";
import type { DeviceBytes, IoBytes } from "./figures.ts";

/**
 * blkio.throttle.io_service_bytes of cgroup v1 (https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html);
 * without any I/O only the last line:
 *
 *     8:0 Read 2387968
 *     8:0 Write 50
 *     8:0 Total 2387968
 *     Total 2387968
 */
export function parseBlkio(text: string, source: string): DeviceBytes {
  const devices = new Map<string, IoBytes>();
  for (const line of text.split("\n")) {
    if (line === "" || /^Total \d+$/.test(line)) continue;
    const match = /^(\d+:\d+) ([A-Z][a-z]+) (\d+)$/.exec(line);
    if (match?.[1] === undefined) throw new ParseError(source, line);
    const device = devices.get(match[1]) ?? { read: 0, write: 0 };
    if (match[2] === "Read") device.read = Number(match[3]);
    if (match[2] === "Write") device.write = Number(match[3]);
    devices.set(match[1], device);
  }
  return devices;
}
