import * as http from "node:http";
import * as https from "node:https";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import { classify, type Delivery, type Intake, retryAfter } from "../delivery.ts";
import { timeLimit } from "../time-limit.ts";
import { addressOf } from "./address.ts";
import { explainAnswer, explainRefusedTunnel, type Target } from "./explain-answer.ts";
import { explainFailure } from "./explain-failure.ts";
import { type HttpProxy, type Proxies, proxyFor } from "./proxy.ts";
import { redactor } from "./redactor.ts";

export type IntakeOptions = {
  /** Whole URLs with their paths, as `https://api.datadoghq.com/api/v1/series`. */
  metricsUrl: string;
  logsUrl: string;
  apiKey: string;
  /** Of Chouette, for the User-Agent. */
  version: string;
  proxy?: Proxies;
  /** Seconds from connecting to the end of the answer. */
  requestTimeout: number;
};

/** Datadog's intake over HTTP, straight or through a proxy; each track keeps one connection. */
export function createIntake(options: IntakeOptions): Intake {
  const { apiKey, proxy = { no: [] } } = options;
  const client: Client = {
    headers: {
      "Content-Type": "application/json",
      "Content-Encoding": "deflate",
      "User-Agent": `chouette/${options.version}`,
      "DD-API-KEY": apiKey,
    },
    redact: redactor(apiKey, proxy),
  };
  const routes = {
    series: createRoute(new URL(options.metricsUrl), "DATADOG_URL", proxy),
    logs: createRoute(new URL(options.logsUrl), "DATADOG_LOGS_URL", proxy),
  };
  return {
    post: async (track, payload, signal) => {
      const limit = timeLimit(options.requestTimeout, signal);
      try {
        return await send(routes[track], client, payload, limit.signal);
      } finally {
        limit.clear();
      }
    },
    close: async () => {
      for (const { agent } of Object.values(routes)) agent.destroy();
    },
  };
}

type Client = {
  headers: http.OutgoingHttpHeaders;
  /** Takes the API key and the proxy's credentials out of what a server says, which may be what it was sent. */
  redact(text: string): string;
};

/** One payload, one Delivery, whatever happens on the way. */
async function send(
  route: Route,
  { headers, redact }: Client,
  payload: Uint8Array,
  limit: AbortSignal,
): Promise<Delivery> {
  const { target } = route;
  try {
    const first = await exchange(route, headers, payload, limit);
    // A connection that ended while nobody used it says nothing about the intake. Points sent twice are the same points;
    // logs would come twice only from a server that reads them and then resets the connection.
    const answer = first === "stale" ? await exchange(route, headers, payload, limit) : first;
    if (answer === "stale") throw new Error("the connection was closed twice");
    const { status, location } = answer;
    const outcome = classify(status);
    const wait = outcome === "retry" ? retryAfter(answer.headers, Date.now() / 1000) : undefined;
    return {
      outcome,
      status,
      // Before it is cut to a length, so that no part of a secret is left at its end.
      error:
        outcome === "accepted"
          ? ""
          : redact(explainAnswer({ status, location, body: redact(answer.body) }, target)),
      ...(wait !== undefined && { retryAfter: wait }),
    };
  } catch (error) {
    if (limit.aborted) {
      const via = target.proxy === undefined ? "" : ` through the proxy ${target.proxy.url.host}`;
      return { outcome: "retry", status: 0, error: `${target.url.host}${via} ${limit.reason}` };
    }
    if (error instanceof TunnelFailed) return error.delivery;
    const invalidKey = error instanceof Error && "code" in error && error.code === "ERR_INVALID_CHAR";
    if (invalidKey)
      return { outcome: "hold", status: 0, error: "API_KEY holds a character that no key has: check it" };
    return { outcome: "retry", status: 0, error: explainFailure(error, target, route.atProxy) };
  }
}

type Answer = {
  status: number;
  location: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
};

/**
 * One request. "stale": the server had closed the kept connection before. Once there is a status line, it alone decides: an
 * intake that says 202 and is cut off then has taken the payload, and sending it again would double the logs.
 */
function exchange(
  route: Route,
  headers: http.OutgoingHttpHeaders,
  payload: Uint8Array,
  limit: AbortSignal,
): Promise<Answer | "stale"> {
  return new Promise((resolve, reject) => {
    if (limit.aborted) throw limit.reason;
    const request = route.start({ ...headers, "Content-Length": payload.length }, limit);
    const abort = () => {
      request.destroy();
      // A request that still waits for its connection says nothing when it is destroyed.
      if (!answered) reject(limit.reason);
    };
    let answered = false;
    limit.addEventListener("abort", abort, { once: true });
    request.on("response", async (response) => {
      answered = true;
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, location: headers.location, headers, body: await bodyOf(response) });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const died = error.code === "ECONNRESET" || error.code === "EPIPE";
      if (died && request.reusedSocket && !answered) resolve("stale");
      else if (!answered) reject(error);
    });
    request.on("close", () => {
      limit.removeEventListener("abort", abort);
      // 101 Switching Protocols ends like this.
      if (!answered) reject(new Error("it closed the connection"));
    });
    request.end(payload);
  });
}

/** What the server says itself, of which people are shown the beginning: at most 64 KiB are read. Never rejects. */
function bodyOf(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > 65_536) response.destroy();
    });
    response.on("error", () => {});
    response.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}

/** How requests to one URL are started. */
type Route = {
  target: Target;
  agent: http.Agent;
  /** Whoever is connected to is the proxy. */
  atProxy: boolean;
  start(headers: http.OutgoingHttpHeaders, limit: AbortSignal): http.ClientRequest;
};

/**
 * Straight to the host; or, for https:// behind a proxy, through a tunnel that the proxy opens to it (CONNECT, RFC 9110
 * §9.3.6); or, for http://, to the proxy with the whole URL as the path (RFC 9112 §3.2.2).
 */
function createRoute(url: URL, variable: Target["variable"], proxies: Proxies): Route {
  const proxy = proxyFor(url, proxies);
  const target = { url, variable, proxy };
  const path = `${url.pathname}${url.search}`;
  const tunnel = proxy !== undefined && url.protocol === "https:";
  if (proxy === undefined || tunnel) {
    const agent = tunnel ? tunnelAgent(target, proxy) : new (protocolOf(url).Agent)(POOL);
    const start: Route["start"] = (headers, limit) => {
      const options = { ...addressOf(url), method: "POST", path, headers, agent, limit };
      return protocolOf(url).request(options);
    };
    return { target, agent, atProxy: false, start };
  }
  const agent = new (protocolOf(proxy.url).Agent)(POOL);
  const start: Route["start"] = (headers) =>
    protocolOf(proxy.url).request({
      ...addressOf(proxy.url),
      method: "POST",
      path: `${url.origin}${path}`,
      headers: { ...headers, Host: url.host, ...proxy.headers },
      agent,
    });
  return { target, agent, atProxy: true, start };
}

const POOL = { keepAlive: true, maxSockets: 1 };

const protocolOf = (url: URL) => (url.protocol === "https:" ? https : http);

/** An agent whose connections are TLS to the target inside a tunnel through the proxy. */
function tunnelAgent(target: Target, proxy: HttpProxy): https.Agent {
  const agent = new https.Agent(POOL);
  const authority = `${target.url.hostname}:${addressOf(target.url).port}`;
  // Of the request's options Node and Bun hand over all but `signal`, so the limit has a name of its own.
  agent.createConnection = (options: object, callback) => {
    const done = callback as (error: Error | null, socket?: Duplex) => void;
    const request = protocolOf(proxy.url).request({
      ...addressOf(proxy.url),
      method: "CONNECT",
      path: authority,
      headers: { Host: authority, ...proxy.headers },
      agent: false,
      ...("limit" in options && options.limit instanceof AbortSignal && { signal: options.limit }),
    });
    request.on("connect", ({ statusCode: status = 0 }, socket) => {
      if (classify(status) === "accepted") {
        const { host, servername } = addressOf(target.url);
        return done(null, tls.connect({ socket, host, servername }));
      }
      socket.destroy();
      // The proxy's answer says nothing about the payload: what the owner has to mend is held, all else tried again.
      const outcome = classify(status) === "hold" ? "hold" : "retry";
      done(new TunnelFailed({ outcome, status, error: explainRefusedTunnel(status, target) }));
    });
    request.on("error", (error) => {
      done(new TunnelFailed({ outcome: "retry", status: 0, error: explainFailure(error, target, true) }));
    });
    request.end();
    return undefined;
  };
  return agent;
}

class TunnelFailed extends Error {
  readonly delivery: Delivery;
  constructor(delivery: Delivery) {
    super(delivery.error);
    this.delivery = delivery;
  }
}
