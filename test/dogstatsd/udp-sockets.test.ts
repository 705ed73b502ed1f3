import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { listenUdp } from "../../src/dogstatsd/listen-udp.ts";
import { portHolder } from "../../src/dogstatsd/port-holder.ts";
import { udpSockets } from "../../src/dogstatsd/udp-sockets.ts";

/** Of a Raspberry Pi: avahi and a DogStatsD server that lost 17 packets. */
const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  641: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   108        0 14382 2 0000000000000000 0
 1234: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000   999        0 25112 2 0000000000000000 17
`;

test("the kernel's table tells owner, inode and drops of the sockets of a port", () => {
  expect(udpSockets(TABLE, 8125)).toEqual([{ uid: 999, inode: 25_112, drops: 17 }]);
  expect(udpSockets(TABLE, 53)).toEqual([]);
  expect(udpSockets("odd\n\n 1: :1FBD\n", 8125)).toEqual([]);
});

test("a port that is taken is refused with its holder and the variable to set", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  expect(portHolder(port)).toContain(`(pid ${process.pid})`);
  const options = { port, nonLocal: false, buffer: 4096 };
  await expect(listenUdp(options, () => {})).rejects.toThrow(
    new RegExp(`UDP port ${port} is taken by .*pid ${process.pid}.*DOGSTATSD_PORT`),
  );
  socket.close();
});

test("the granted buffer and the kernel's drops are known", async () => {
  const options = { port: 0, nonLocal: false, buffer: 2304 };
  const listener = await listenUdp(options, () => {});
  const port = Number(listener.where.split(":").at(-1));
  expect(listener.buffer).toBeGreaterThanOrEqual(2304);
  expect(listener.drops?.()).toBe(0);
  const socket = createSocket("udp4");
  // Sent at once, without a turn in which they could be read: more than any default buffer holds.
  const sent = Array.from(
    { length: 4000 },
    () => new Promise((resolve) => socket.send(Buffer.alloc(1000), port, "127.0.0.1", resolve)),
  );
  await Promise.all(sent);
  expect(listener.drops?.()).toBeGreaterThan(0);
  socket.close();
  await listener.close();
});
