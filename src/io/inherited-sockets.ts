import { readFileSync, readlinkSync } from "node:fs";
import { pid } from "node:process";

/** The descriptors of sockets that systemd has opened for this process; undefined for those that it has not. */
export type InheritedSockets = { udp: number | undefined; datagram: number | undefined };

/** The first descriptor that systemd passes: sd_listen_fds(3). */
const FIRST = 3;

/** FileDescriptorName= of `systemd/chouette-dogstatsd.socket`: all sockets of a unit have one name. */
const NAME = "dogstatsd";

/**
 * Finds the sockets that `LISTEN_FDS=2`, `LISTEN_FDNAMES=dogstatsd:dogstatsd` and `LISTEN_PID` announce. Their order is not that of
 * the unit's file: what each is shows its inode in /proc/net/unix or /proc/net/udp.
 */
export function inheritedSockets(
  { LISTEN_FDS = "", LISTEN_FDNAMES = "", LISTEN_PID = "" }: Readonly<Record<string, string | undefined>>,
  { id = pid, proc = "/proc" } = {},
): InheritedSockets {
  const count = LISTEN_PID === String(id) && /^\d{1,3}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES.split(":").slice(0, count);
  const descriptors = names.flatMap((name, index) => (name === NAME ? [FIRST + index] : []));
  const inodes = {
    udp: new Set([...columnOf(`${proc}/net/udp`, 9), ...columnOf(`${proc}/net/udp6`, 9)]),
    datagram: new Set(columnOf(`${proc}/net/unix`, 6)),
  };
  const find = (kind: keyof InheritedSockets) =>
    descriptors.find((descriptor) => inodes[kind].has(inodeOf(`${proc}/self/fd/${descriptor}`)));
  return { udp: find("udp"), datagram: find("datagram") };
}

/** Returns `25112` of `socket:[25112]`; "" for anything else. */
function inodeOf(link: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? "";
  } catch {
    return "";
  }
}

/** Returns a column of a table of the kernel, from 0 on. */
function columnOf(path: string, column: number): string[] {
  try {
    const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
    return lines.map((line) => line.trim().split(/\s+/)[column] ?? "");
  } catch {
    return [];
  }
}
