import { parseLines, type Skip } from "../kernel/skipped-lines.ts";
import { sound } from "../reading.ts";
import type { DeviceBytes, IoBytes } from "./figures.ts";

/**
 * Parses blkio.throttle.io_service_bytes of cgroup v1
 * (https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html); without any I/O only the last line:
 *
 *     8:0 Read 2387968
 *     8:0 Write 50
 *     8:0 Total 2387968
 *     Total 2387968
 */
export function parseBlkio(text: string, source: string, skip: Skip): DeviceBytes {
  const rows = parseLines(text, source, skip, (line) =>
    /^(?:(\d+:\d+) )?([A-Z][a-z]+) (\d+)\s*$/.exec(line)?.slice(1),
  );
  const devices = new Map<string, IoBytes>();
  for (const [name, operation, number] of rows) {
    const bytes = sound(Number(number));
    if (name === undefined || bytes === undefined) continue;
    const device = devices.get(name) ?? { read: 0, write: 0 };
    if (operation === "Read") device.read = bytes;
    if (operation === "Write") device.write = bytes;
    devices.set(name, device);
  }
  return devices;
}
