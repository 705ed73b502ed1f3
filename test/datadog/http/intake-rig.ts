/** Intakes and servers for one test; `cleanUp` ends those that the test has started. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startIntake } from "../../../scripts/servers/intake.ts";
import { intakeUrls } from "../../../src/config/intake-urls.ts";
import { createIntake, type HttpIntake, type IntakeOptions } from "../../../src/datadog/http/intake.ts";
import { compress } from "../../../src/datadog/payload.ts";

export const KEY = "0123456789abcdef0123456789abcdef";
export const LOGS = compress(new TextEncoder().encode('[{"message":"hello"}]'));
export const never = new AbortController().signal;

const started: (() => Promise<void>)[] = [];

export async function cleanUp(): Promise<void> {
  for (const end of started.splice(0)) await end();
}

export function intakeFor(url: string, options: Partial<IntakeOptions> = {}): HttpIntake {
  const intake = createIntake({
    urls: intakeUrls({ metrics: `${url}/api`, logs: url }, { metrics: 1, logs: 2 }),
    apiKey: KEY,
    version: "1.2.3",
    requestTimeout: 10,
    ...options,
  });
  started.push(intake.close);
  return intake;
}

export async function setUp(options: Partial<IntakeOptions> = {}) {
  const server = await startIntake({ apiKey: KEY });
  started.push(server.stop);
  return { server, intake: intakeFor(server.url, options) };
}

/** A server that answers with raw bytes; `answer` gets the n-th request of a connection, complete or its first bytes. */
export async function rawServer(
  answer: (socket: Socket, nth: number, request: string) => void,
  when: "complete" | "at once" = "complete",
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let received = "";
    let nth = 0;
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1]);
      const end = received.indexOf("\r\n\r\n") + 4 + length;
      if (when === "complete" && !(received.length >= end)) return;
      const request = received;
      received = received.slice(end);
      nth++;
      answer(socket, nth, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  started.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
