import { afterEach, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { unacknowledged } from "../../../src/io/send-queue.ts";
import { saying } from "../../helpers/saying.ts";
import { cleanUp, intakeFor, never, rawServer } from "./intake-rig.ts";

afterEach(cleanUp);

/** About what the kernel takes for a peer that does not read. */
const PAYLOAD = new Uint8Array(4_000_000);
const ACCEPTED = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

/** A server that reads a part of the request every so often, for `steps` times, and answers when it has all of it. */
async function slowReader(steps: number): Promise<string> {
  let read = 0;
  const step = (socket: Socket, left: number) => {
    const chunk: Buffer | null = socket.read();
    read += chunk?.length ?? 0;
    // The first bytes came before this reads.
    if (read > PAYLOAD.length - 500_000) socket.end(ACCEPTED);
    else if (left > 0) setTimeout(() => step(socket, left - 1), 100);
  };
  return rawServer((socket) => {
    if (socket.listenerCount("readable") > 0) return;
    socket.removeAllListeners("data");
    socket.on("readable", () => {});
    step(socket, steps);
  }, "at once");
}

describe("a request that takes longer than its time limit", () => {
  test("is not given up while the peer takes bytes, and says that it makes progress", async () => {
    const intake = intakeFor(await slowReader(10_000), { requestTimeout: 0.5, unacknowledged });
    let progress = 0;
    const started = performance.now();
    const delivery = await intake.post("series", PAYLOAD, never, () => progress++);
    expect(delivery).toEqual({ outcome: "accepted", status: 202, error: "" });
    expect(performance.now() - started).toBeGreaterThan(500);
    expect(progress).toBeGreaterThan(1);
  });

  test("is given up after half of it when the peer takes nothing more and cannot have all", async () => {
    const url = await slowReader(3);
    const intake = intakeFor(url, { requestTimeout: 1, unacknowledged });
    expect(await intake.post("series", PAYLOAD, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(new URL(url).host, "no progress for 0.5 s"),
      unanswered: true,
    });
  });

  test("is given up after all of it when the peer has the request and does not answer", async () => {
    const url = await rawServer(() => {});
    const intake = intakeFor(url, { requestTimeout: 0.5, unacknowledged });
    expect(await intake.post("series", new Uint8Array(1000), never)).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(new URL(url).host, "no progress for 0.5 s"),
      unanswered: true,
    });
  });

  test("is sent on a new connection when the kept one takes nothing", async () => {
    const connections = new Set<Socket>();
    const url = await rawServer((socket) => {
      connections.add(socket);
      socket.write(ACCEPTED);
    });
    const intake = intakeFor(url, { requestTimeout: 1, unacknowledged });
    expect((await intake.post("series", new Uint8Array(10), never)).outcome).toBe("accepted");
    const [first] = connections;
    first?.pause();
    expect((await intake.post("series", PAYLOAD, never)).outcome).toBe("accepted");
    expect(connections.size).toBe(2);
  });
});

test("a request that waits for the connection of another is heard of meanwhile", async () => {
  const intake = intakeFor(await rawServer(() => {}), { requestTimeout: 0.4 });
  let heard = 0;
  const first = intake.post("series", new Uint8Array(10), never);
  const second = intake.post("events", new Uint8Array(10), never, () => heard++);
  await first;
  expect(heard).toBeGreaterThan(1);
  expect((await second).outcome).toBe("retry");
});
