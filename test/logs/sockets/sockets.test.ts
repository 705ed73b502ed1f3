import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createFrames } from "../../../src/logs/sockets/frames.ts";
import type { Inbox, Listener } from "../../../src/logs/sockets/listener.ts";
import { listenTcp } from "../../../src/logs/sockets/tcp.ts";
import { listenUdp } from "../../../src/logs/sockets/udp.ts";
import { readLine } from "../../../src/logs/text/read-line.ts";

let listeners: Listener[] = [];
let taken: string[];
let arrived = () => {};
let room: Promise<void>;
beforeEach(() => {
  taken = [];
  listeners = [];
  room = Promise.resolve();
});
afterEach(async () => {
  for (const listener of listeners) await listener.close();
});

const inbox: Inbox = {
  put: (message) => {
    taken.push(message);
    arrived();
    return true;
  },
  cut: () => {},
  room: () => room,
};

async function until(count: number): Promise<string[]> {
  while (taken.length < count)
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  return taken;
}

async function listen(protocol: "udp" | "tcp"): Promise<number> {
  const open = protocol === "udp" ? listenUdp : listenTcp;
  const listener = await open({ protocol, host: "127.0.0.1", port: 0 }, inbox);
  listeners.push(listener);
  return listener.port;
}

describe("logger sends", () => {
  test.each([
    ["RFC 5424 over UDP", "udp", ["--udp"]],
    ["RFC 3164 over UDP", "udp", ["--udp", "--rfc3164"]],
    ["RFC 5424 over TCP", "tcp", ["--tcp"]],
    ["RFC 5424 over TCP with octet counts", "tcp", ["--tcp", "--octet-count"]],
  ] as const)("%s, which arrives without its header", async (_, protocol, options) => {
    const port = await listen(protocol);
    const words = [
      ...options,
      "--server=127.0.0.1",
      `--port=${port}`,
      "--tag=backup",
      "--priority=user.err",
      "disk full",
    ];
    const logger = spawn("logger", words);
    const [[message = ""]] = await Promise.all([until(1), once(logger, "exit")]);
    expect(readLine(message, 0)).toMatchObject({ service: "backup", status: "error", message: "disk full" });
  });
});

test("a shell sends plain text and JSON over UDP", async () => {
  const port = await listen("udp");
  spawnSync("bash", ["-c", `printf 'one\\n{"a":1}\\n' > /dev/udp/127.0.0.1/${port}`]);
  expect(await until(2)).toEqual(["one", '{"a":1}']);
});

test("a connection is not read while there is no room, and nothing of it is lost", async () => {
  let open = () => {};
  room = new Promise((resolve) => {
    open = resolve;
  });
  const socket: Socket = connect(await listen("tcp"), "127.0.0.1");
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  socket.end(`${lines.join("\n")}\n`);
  await once(socket, "connect");
  expect(taken).toEqual([]);
  open();
  expect(await until(20_000)).toEqual(lines);
});

describe("the frames of a connection", () => {
  const feed = (text: string, size: number) => {
    const frames = createFrames();
    const bytes = Buffer.from(text);
    const messages: string[] = [];
    for (let i = 0; i < bytes.length; i += size) messages.push(...frames.take(bytes.subarray(i, i + size)));
    return { messages: [...messages, ...frames.rest()], cut: frames.cut() };
  };

  test.each([1, 3, 7, 1000])("are the same in pieces of %d bytes", (size) => {
    const text = "11 <13>1 - hé\n12 angry men\n8 <13>\na b7 <13>1 x\nlast";
    expect(feed(text, size).messages).toEqual([
      "<13>1 - hé",
      "12 angry men",
      "<13>\na b".replace("\n", "\n"),
      "<13>1 x",
      "last",
    ]);
  });

  test("are cut where they are too long, counted or not", () => {
    const long = "x".repeat(300_000);
    expect(feed(`${long}\nnext\n`, 65_536).messages.map((it) => it.length)).toEqual([256_000, 4]);
    const counted = feed(`300004 <13>${long}5 <13>a`, 65_536);
    expect([counted.messages.map((it) => it.length), counted.cut]).toEqual([[256_000, 5], 1]);
  });

  test("of an absurd length take no more memory than one message", () => {
    const frames = createFrames();
    for (let i = 0; i < 100; i++)
      frames.take(Buffer.from(i === 0 ? `999999999 <${"y".repeat(65_000)}` : "y".repeat(65_536)));
    expect(frames.rest().join("").length).toBeLessThan(300_000);
  });
});
