import { readFile } from "node:fs/promises";

/** The ports of a TCP connection, as its socket has them. */
export type Ports = { localPort?: number | undefined; remotePort?: number | undefined };

/**
 * Returns the bytes of a connection that the kernel has taken and its peer has not acknowledged yet; undefined when the kernel does
 * not know it or does not tell. Node.js has no such number: a write counts as done when the kernel has taken it.
 */
export async function unacknowledged(ports: Ports): Promise<number | undefined> {
  const tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map((path) =>
    readFile(path, "latin1").catch(() => ""),
  );
  return sendQueue((await Promise.all(tables)).join(""), ports);
}

/**
 * Parses /proc/net/tcp (and tcp6), of which a line is, with ports and queues in hexadecimal digits,
 * `   7: 0100007F:9691 0100007F:B1B6 01 00386686:00000000 04:00000000 00000000 …`:
 * local address, remote address, state, bytes to be sent or acknowledged : bytes to be read
 * (https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt).
 */
export function sendQueue(table: string, { localPort, remotePort }: Ports): number | undefined {
  if (localPort === undefined || remotePort === undefined) return undefined;
  const port = (number: number) => number.toString(16).toUpperCase().padStart(4, "0");
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:${port(localPort)} [0-9A-F]+:${port(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`,
    "m",
  );
  const digits = line.exec(table)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
