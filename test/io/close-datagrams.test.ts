import { expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { closeDatagrams } from "../../src/io/close-datagrams.ts";

async function bound() {
  const socket = createSocket("udp4");
  const received: string[] = [];
  socket.on("message", (datagram) => received.push(`${datagram}`));
  await new Promise<void>((ready) => socket.bind(0, "127.0.0.1", ready));
  return { socket, received, port: socket.address().port };
}

test("what was sent before a datagram socket is closed is read", async () => {
  const { socket, received, port } = await bound();
  // Synchronous, so that nothing can be read meanwhile.
  const { status } = spawnSync("bash", [
    "-c",
    `for i in 1 2 3; do echo -n $i > /dev/udp/127.0.0.1/${port}; done`,
  ]);
  expect(status).toBe(0);
  await closeDatagrams(socket);
  expect(received).toEqual(["1", "2", "3"]);
});

test("a sender that never stops cannot keep a datagram socket open", async () => {
  const { socket, received, port } = await bound();
  const sender = spawn("bash", ["-c", `while :; do echo -n again > /dev/udp/127.0.0.1/${port}; done`]);
  await new Promise((come) => socket.once("message", come));
  await closeDatagrams(socket);
  sender.kill("SIGKILL");
  expect(received.length).toBeGreaterThan(1);
});
