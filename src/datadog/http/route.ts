import * as http from "node:http";
import * as https from "node:https";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import { classify, type Delivery } from "../delivery.ts";
import { addressOf } from "./address.ts";
import type { Start } from "./exchange.ts";
import { explainRefusedTunnel, type Target } from "./explain-answer.ts";
import { explainFailure } from "./explain-failure.ts";
import { type HttpProxy, type Proxies, proxyFor } from "./proxy.ts";

/** The way of requests to one URL. */
export type Route = {
  target: Target;
  agent: http.Agent;
  /** True when the peer is the proxy. */
  atProxy: boolean;
  start: Start;
};

/** Trusted authorities for TLS; undefined: those built into the runtime. */
export type Trust = tls.SecureContext | undefined;

/**
 * Creates the route to a URL: straight to the host; or, for https:// behind a proxy, through a tunnel that the proxy opens to
 * it (CONNECT, RFC 9110 §9.3.6); or, for http://, to the proxy with the whole URL as the path (RFC 9112 §3.2.2).
 * `shared` is the agent of another route to the same host, whose connection is used.
 */
export function createRoute(
  url: URL,
  variable: Target["variable"],
  proxies: Proxies,
  trust: Trust,
  shared?: http.Agent,
  method = "POST",
): Route {
  const proxy = proxyFor(url, proxies);
  const target = { url, variable, proxy };
  const path = `${url.pathname}${url.search}`;
  const tunnel = proxy !== undefined && url.protocol === "https:";
  if (proxy === undefined || tunnel) {
    const agent = shared ?? (tunnel ? tunnelAgent(target, proxy, trust) : new (protocolOf(url).Agent)(POOL));
    const start: Start = (headers, limit) => {
      const options = { ...addressOf(url), ...trusting(trust), method, path, headers, agent, limit };
      return protocolOf(url).request(options);
    };
    return { target, agent, atProxy: false, start };
  }
  const agent = shared ?? new (protocolOf(proxy.url).Agent)(POOL);
  const start: Start = (headers) =>
    protocolOf(proxy.url).request({
      ...addressOf(proxy.url),
      ...trusting(trust),
      method,
      path: `${url.origin}${path}`,
      headers: { ...headers, Host: url.host, ...proxy.headers },
      agent,
    });
  return { target, agent, atProxy: true, start };
}

/**
 * Seconds after which an idle connection is probed (TCP keep-alive). Node.js begins after one second, and repeats that each second:
 * 9 MB a day. Whether the connection still works shows with the next request.
 */
const PROBE = 3600;

const POOL = { keepAlive: true, keepAliveMsecs: PROBE * 1000, maxSockets: 1 };

/** Said at each connection: NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise accept any certificate. */
const trusting = (trust: Trust) => ({
  rejectUnauthorized: true,
  ...(trust !== undefined && { secureContext: trust }),
});

const protocolOf = (url: URL) => (url.protocol === "https:" ? https : http);

/** Creates an agent whose connections are TLS to the target inside a tunnel through the proxy. */
function tunnelAgent(target: Target, proxy: HttpProxy, trust: Trust): https.Agent {
  const agent = new https.Agent(POOL);
  const authority = `${target.url.hostname}:${addressOf(target.url).port}`;
  // Node and Bun hand over all of the request's options but `signal`, so the limit has a name of its own.
  agent.createConnection = (options: object, callback) => {
    const done = callback as (error: Error | null, socket?: Duplex) => void;
    const request = protocolOf(proxy.url).request({
      ...addressOf(proxy.url),
      ...trusting(trust),
      method: "CONNECT",
      path: authority,
      headers: { Host: authority, ...proxy.headers },
      agent: false,
      ...("limit" in options && options.limit instanceof AbortSignal && { signal: options.limit }),
    });
    request.on("connect", ({ statusCode: status = 0, headers }, socket) => {
      if (status >= 200 && status <= 299) {
        const { host, servername } = addressOf(target.url);
        return done(null, tls.connect({ socket, host, servername, ...trusting(trust) }));
      }
      socket.destroy();
      // The proxy's answer says nothing about the payload: what only the owner can fix is held, all else tried again.
      const outcome = classify(status) === "hold" ? "hold" : "retry";
      done(new TunnelFailed({ outcome, status, error: explainRefusedTunnel({ status, headers }, target) }));
    });
    request.on("error", (error) => {
      const delivery: Delivery = { outcome: "retry", status: 0, error: explainFailure(error, target, true) };
      done(new TunnelFailed(delivery, { cause: error }));
    });
    request.end();
    return undefined;
  };
  return agent;
}

/** There is no tunnel to the intake; `delivery` says why. */
export class TunnelFailed extends Error {
  readonly delivery: Delivery;
  constructor(delivery: Delivery, options?: ErrorOptions) {
    super(delivery.error, options);
    this.delivery = delivery;
  }
}
