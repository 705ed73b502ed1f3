import { pid } from "node:process";

/** The descriptors of sockets that systemd has opened for this process; undefined for those that it has not. */
export type InheritedSockets = { udp: number | undefined; datagram: number | undefined };

/** The first descriptor that systemd passes: sd_listen_fds(3). */
const FIRST = 3;

/** The names in `systemd/chouette-dogstatsd.socket`, FileDescriptorName=. */
const NAMES = { udp: "dogstatsd-udp", datagram: "dogstatsd-datagram" } as const;

/**
 * Reads `LISTEN_FDS=2`, `LISTEN_FDNAMES=dogstatsd-datagram:dogstatsd-udp` and `LISTEN_PID`. The order of the names is not that of
 * the unit's file.
 */
export function inheritedSockets(
  { LISTEN_FDS = "", LISTEN_FDNAMES = "", LISTEN_PID = "" }: Readonly<Record<string, string | undefined>>,
  id = pid,
): InheritedSockets {
  const count = LISTEN_PID === String(id) && /^\d{1,3}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES.split(":").slice(0, count);
  const descriptorOf = (name: string) => {
    const index = names.indexOf(name);
    return index === -1 ? undefined : FIRST + index;
  };
  return { udp: descriptorOf(NAMES.udp), datagram: descriptorOf(NAMES.datagram) };
}
