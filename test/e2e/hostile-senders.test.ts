import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { command, transaction } from "../resp/rig.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

/** What senders with errors, or bad intent, do to one agent: bounded in memory and time, and nobody else loses anything. */
setDefaultTimeout(60_000);

let stage: Stage;
let agent: Agent;
let place: { udp: number; stream: string; redis: string };
/** Connections of hostile senders. */
const sockets = new Set<Socket>();
/** Three good senders, one for each way in, on connections that stay: each counts 5. */
let sendWell: () => Promise<void>;

beforeAll(async () => {
  stage = await setUp(sqliteQueues);
  const path = `/dev/shm/chouette-test-${crypto.randomUUID()}`;
  place = { udp: await freeUdpPort(), stream: `${path}.dsd`, redis: `${path}.redis` };
  agent = await startAgent(["run"], {
    ...stage.env,
    DOGSTATSD: "true",
    DOGSTATSD_PORT: `${place.udp}`,
    DOGSTATSD_STREAM_SOCKET: place.stream,
    REDIS_LISTEN: place.redis,
  });
  await agent.logged("unix stream");
  await agent.logged("applications can write as to Redis");
  sendWell = await goodSenders();
  await sendWell();
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
});
afterAll(cleanUp);

/** A connection; undefined when it is refused or closed at once. */
function opened(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      resolve(undefined);
    });
    socket.once("connect", () => resolve(socket));
  });
}

/** Bytes of anonymous memory of the agent. */
const anonymous = () =>
  1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"))?.[1]);

let turn = 0;

async function goodSenders() {
  const udp = createSocket("udp4");
  const [stream, redis] = [await opened(place.stream), await opened(place.redis)];
  sockets.clear();
  return async () => {
    const metric = `good.${turn++}`;
    await new Promise((done) => udp.send(`${metric}:5|c`, place.udp, "127.0.0.1", done));
    stream?.write(`${metric}:5|c\n`);
    const { key, at, body } = rawRecord({
      metric,
      type: "count",
      value: 5,
      timestamp: Date.now() / 1000,
      tags: {},
    });
    redis?.write(transaction(key, at, body ?? ""));
    await arrived(stage, agent, () => stage.intake.sumOf(metric) >= 15);
    expect(stage.intake.sumOf(metric)).toBe(15);
  };
}

/** Writes as long as the agent reads, up to so many bytes; resolves to how many that were when the agent closes the connection. */
async function pour(socket: Socket | undefined, chunk: Buffer, most: number): Promise<number> {
  let sent = 0;
  const closed = new Promise<void>((resolve) => socket?.once("close", () => resolve()));
  while (socket?.destroyed === false && sent < most) {
    sent += chunk.length;
    await Promise.race([closed, new Promise((done) => socket.write(chunk, done))]);
  }
  return sent;
}

describe("good senders lose nothing, and memory stays bounded, beside", () => {
  test("10,000 connections on either socket", async () => {
    const before = anonymous();
    let most = 0;
    for (const path of [place.stream, place.redis])
      for (let batch = 0; batch < 50; batch++) {
        await Promise.all(Array.from({ length: 200 }, () => opened(path)));
        most = Math.max(most, anonymous() - before);
      }
    await sendWell();
    expect(most).toBeLessThan(60e6);
    expect(agent.stderr()).not.toContain('"level":"error"');
  });

  test("frames and lines that never end, frames of 4 GB and halves of frames", async () => {
    const before = anonymous();
    const halves = await Promise.all(Array.from({ length: 200 }, () => opened(place.stream)));
    for (const half of halves) half?.write(Buffer.concat([Buffer.from([0, 0, 1, 0]), Buffer.alloc(60_000)]));
    const [huge, endless] = [await opened(place.stream), await opened(place.stream)];
    expect(await pour(huge, Buffer.alloc(65_536, 0xff), 100e6)).toBeLessThan(100e6);
    expect(await pour(endless, Buffer.alloc(65_536, 0x61), 100e6)).toBeLessThan(100e6);
    await sendWell();
    expect(anonymous() - before).toBeLessThan(60e6);
  });

  test("datagrams of 64 kB that are one line, many lines and no text", async () => {
    const before = anonymous();
    const socket = createSocket("udp4");
    const packets = [
      Buffer.alloc(65_000, 0x61),
      Buffer.from("a:1|x\n".repeat(10_000)),
      Buffer.from(`${"many:1|c|#a\n".repeat(5000)}`),
      Buffer.alloc(65_000, 0xff),
      Buffer.from(`packed:${"1:".repeat(32_000)}1|c`),
    ];
    for (let round = 0; round < 20; round++)
      for (const packet of packets)
        await new Promise((done) => socket.send(packet, place.udp, "127.0.0.1", done));
    socket.close();
    await sendWell();
    expect(anonymous() - before).toBeLessThan(60e6);
    await arrived(stage, agent, () => stage.intake.sumOf("packed") > 0 && stage.intake.sumOf("many") > 0);
    expect([stage.intake.sumOf("packed") % 32_001, stage.intake.sumOf("many") % 5000]).toEqual([0, 0]);
  });

  test("commands of Redis with absurd lengths, and transactions that never end", async () => {
    const before = anonymous();
    const heads = [
      "*4294967295\r\n",
      "*2\r\n$4\r\nECHO\r\n$4294967295\r\n",
      "*-1\r\n",
      "*1\r\n$-5\r\n",
      command("MULTI"),
    ];
    const chunk = Buffer.from(command("HSET", "chouette:metrics:raw.values", "k", "x".repeat(60_000)));
    for (const head of heads) {
      const socket = await opened(place.redis);
      socket?.resume().write(head);
      expect(await pour(socket, chunk, 100e6)).toBeLessThan(100e6);
    }
    await sendWell();
    expect(anonymous() - before).toBeLessThan(80e6);
  });
});
