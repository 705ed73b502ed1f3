import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenStream } from "../../src/dogstatsd/listen-stream.ts";
import type { Listener } from "../../src/dogstatsd/listener.ts";
import { trafficCounter } from "../../src/dogstatsd/traffic.ts";

let dir = "";
let listener: Listener | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chouette-"));
});
afterEach(async () => {
  await listener?.close();
  listener = undefined;
  rmSync(dir, { recursive: true });
});

async function listen(more: { mode?: number; group?: string } = {}, half?: number) {
  const path = join(dir, "dsd.sock");
  const counter = trafficCounter();
  const packets: string[] = [];
  let wake = () => {};
  const options = { path, mode: 0o666, group: undefined, ...more };
  const received = (packet: Buffer) => {
    packets.push(packet.toString());
    wake();
  };
  listener = await listenStream(options, received, counter, half);
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { path, counter, packets, until };
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once("error", reject);
  });
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));

describe("the unix stream socket", () => {
  test("has the permissions that were set, and is gone when it is closed", async () => {
    const { path } = await listen({ mode: 0o620, group: `${process.getgid?.() ?? 0}` });
    expect(statSync(path).mode & 0o777).toBe(0o620);
    await listener?.close();
    listener = undefined;
    expect(existsSync(path)).toBeFalse();
  });

  test("takes the place of one that a process which is gone has left, but not of anything else", async () => {
    const { path } = await listen();
    await expect(listen()).rejects.toThrow("another process listens there");
    await listener?.close();
    listener = undefined;
    writeFileSync(path, "a file");
    await expect(listen()).rejects.toThrow("not a socket");
  });

  test("is refused for a group that does not exist", async () => {
    await expect(listen({ group: "no-such-group" })).rejects.toThrow("there is no group no-such-group");
  });

  test("serves others while one sends a frame of 4 GB and one only a half", async () => {
    const { path, counter, packets, until } = await listen();
    const [huge, half, good] = [await opened(path), await opened(path), await opened(path)];
    half.write(Buffer.from([200, 0, 0, 0, 0x61]));
    huge.write(Buffer.from([0xf0, 0xff, 0xff, 0xff, 0x61]));
    await closed(huge);
    good.write("a:1|c\n");
    await until(() => packets.length > 0);
    expect({ packets, malformed: counter.traffic.malformed }).toEqual({
      packets: ["a:1|c"],
      malformed: { frame: 1 },
    });
    half.destroy();
    good.destroy();
  });

  test("ends a connection that drips a frame and never completes it", async () => {
    const { path } = await listen({}, 100);
    const slow = await opened(path);
    slow.on("error", () => {});
    slow.write(Buffer.from([0x60, 0xea, 0, 0]));
    const drip = setInterval(() => slow.write("a"), 10);
    await closed(slow);
    clearInterval(drip);
  });

  test("keeps one whose every packet comes in two halves", async () => {
    const half = 1000;
    const { path, packets, until } = await listen({}, half);
    const socket = await opened(path);
    const end = performance.now() + 1.3 * half;
    socket.write("a:");
    for (let sent = 1; performance.now() < end; sent++) {
      socket.write("1|c\na:");
      await until(() => packets.length === sent);
    }
    expect(socket.destroyed).toBeFalse();
    socket.destroy();
  });

  test("turns away connections beyond 512, counts them, and takes others once some are gone", async () => {
    const { path, counter, packets, until } = await listen();
    const sockets = await Promise.all(Array.from({ length: 512 }, () => opened(path)));
    const more = await opened(path).catch(() => undefined);
    if (more !== undefined) await closed(more.resume());
    expect(counter.traffic.dropped).toEqual({ connections: 1 });
    const gone = closed(sockets[0] as Socket);
    sockets[0]?.destroy();
    await gone;
    const last = await opened(path);
    last.write("a:1|c\n");
    await until(() => packets.length > 0);
    for (const socket of [...sockets, last]) socket.destroy();
  });
});
