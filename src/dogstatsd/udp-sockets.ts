/** A UDP socket of this machine. */
export type UdpSocket = {
  /** Its owner's user id. */
  uid: number;
  inode: number;
  /** Packets that the kernel dropped because the receive buffer was full. */
  drops: number;
};

/**
 * Finds the sockets bound to a port in the text of /proc/net/udp (https://docs.kernel.org/networking/proc_net_tcp.html;
 * the drops are the last column):
 * ` 1234: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000   999        0 25112 2 0000000000000000 17`
 */
export function udpSockets(text: string, port: number): UdpSocket[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    if (!fields[1]?.endsWith(`:${hex}`)) return [];
    const [uid, inode, drops] = [fields[7], fields[9], fields[12]].map(Number);
    const isWhole = [uid, inode, drops].every(Number.isSafeInteger);
    return isWhole ? [{ uid: uid ?? 0, inode: inode ?? 0, drops: drops ?? 0 }] : [];
  });
}
