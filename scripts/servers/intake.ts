import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync, inflateSync } from "node:zlib";
import { type Judgment, judge } from "./intake-rules.ts";
import type { OtherPayload } from "./intake-rules-others.ts";

/** A stand-in for Datadog's intake on a free port: v1 and v2 of series and logs, and the other tracks, with its rules about keys, sizes and shapes. */
export type IntakeServer = {
  /** `http://127.0.0.1:PORT`; bases are `${url}/api` for metrics and `${url}` for logs. */
  url: string;
  port: number;
  /** The last value sent, which Datadog keeps, by identity (`metric|type|host:h,tag,…`) and second. */
  series: Map<string, Map<number, number>>;
  /** Values that replaced a different one of the same series and second: what must never happen. */
  conflicts: string[];
  logs: Record<string, unknown>[];
  /** Payloads of the other tracks, in the order of their arrival. */
  others: OtherPayload[];
  requests: SeenRequest[];
  /** Number of connections so far. */
  connections(): number;
  /** Returns an answer that overrides the rules, or undefined. Called for each complete request. */
  respond(script: (request: SeenRequest) => Reply | undefined): void;
  /** Sum of all values of a metric, over all of its series and seconds. */
  sumOf(metric: string): number;
  /** Resolves when it is true, looked at now and after each request. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
};

export type SeenRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The body as sent, and decompressed. */
  wireBytes: number;
  rawBytes: number;
  /** Decompressed; empty when that is impossible. A character for each byte where it is not text. */
  body: string;
};

export type Reply =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Never answers. */
  | "hang"
  /** Half of a status line, and nothing more. */
  | "half"
  /** Takes nothing and resets the connection. */
  | "reset"
  /** Takes the payload as the rules say, but resets the connection before the answer. */
  | "lost"
  /** Takes the payload and answers, but resets the connection within the body. */
  | "cut";

export async function startIntake(
  options: {
    apiKey?: string;
    tls?: { key: string; cert: string };
    script?: (request: SeenRequest) => Reply | undefined;
  } = {},
): Promise<IntakeServer> {
  const { apiKey = "test-key", tls } = options;
  let script = options.script ?? (() => undefined);
  const series: IntakeServer["series"] = new Map();
  const conflicts: string[] = [];
  const logs: IntakeServer["logs"] = [];
  const others: OtherPayload[] = [];
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let waiting: { condition: () => boolean; resolve: () => void }[] = [];

  const take = (request: SeenRequest): Judgment => {
    const judgment = judge(request, apiKey);
    for (const point of judgment.points ?? []) {
      const seconds = series.get(point.identity) ?? new Map<number, number>();
      series.set(point.identity, seconds);
      const old = seconds.get(point.timestamp);
      if (old !== undefined && old !== point.value)
        conflicts.push(`${point.identity} at ${point.timestamp}: ${old}, then ${point.value}`);
      seconds.set(point.timestamp, point.value);
    }
    logs.push(...(judgment.logs ?? []));
    if (judgment.others !== undefined) others.push(judgment.others);
    return judgment;
  };

  // The TCP connection under TLS is not the request's socket; there the end without a farewell has to do.
  const reset = (socket: Socket) => (tls === undefined ? socket.resetAndDestroy() : socket.destroy());

  const listener = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await read(incoming);
    if (request === undefined) return;
    requests.push(request);
    const reply = script(request);
    if (reply === "half") incoming.socket.write("HTTP/1.1 202 Acc");
    else if (reply === "reset") reset(incoming.socket);
    else if (reply === "lost") {
      take(request);
      reset(incoming.socket);
    } else if (reply === "cut") {
      const { status } = take(request);
      response.writeHead(status, { "content-length": 100 }).write("{", () => incoming.socket.destroy());
    } else if (reply !== "hang") {
      const { status, body = "", ...rest } = reply ?? take(request);
      response.writeHead(status, "headers" in rest ? rest.headers : {}).end(body);
    }
    for (const { condition, resolve } of waiting) if (condition()) resolve();
    waiting = waiting.filter(({ condition }) => !condition());
  };

  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    series,
    conflicts,
    logs,
    others,
    requests,
    connections: () => connections,
    respond: (next) => {
      script = next;
    },
    sumOf: (metric) =>
      [...series]
        .filter(([identity]) => identity.startsWith(`${metric}|`))
        .flatMap(([, seconds]) => [...seconds.values()])
        .reduce((sum, value) => sum + value, 0),
    until: (condition) =>
      new Promise((resolve) => {
        if (condition()) resolve();
        else waiting.push({ condition, resolve });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The whole request; undefined when the client left before its end. */
async function read(incoming: IncomingMessage): Promise<SeenRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return undefined;
  }
  const wire = Buffer.concat(chunks);
  const raw = decompress(wire, incoming.headers["content-encoding"] ?? "identity");
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    wireBytes: wire.length,
    rawBytes: raw.length,
    body: raw.toString(incoming.headers["content-type"] === "application/x-protobuf" ? "latin1" : "utf8"),
  };
}

function decompress(wire: Buffer, encoding: string): Buffer {
  try {
    if (encoding === "identity") return wire;
    if (encoding === "deflate") return inflateSync(wire);
    return encoding === "gzip" ? gunzipSync(wire) : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}
