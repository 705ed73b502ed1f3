import type * as http from "node:http";
import { type Delivery, type Intake, retryAfter } from "../delivery.ts";
import { timeLimit } from "../time-limit.ts";
import { outcomeOf } from "./answer.ts";
import { exchange } from "./exchange.ts";
import { explainAnswer } from "./explain-answer.ts";
import { explainFailure } from "./explain-failure.ts";
import type { Proxies } from "./proxy.ts";
import { redactor } from "./redactor.ts";
import { createRoute, type Route, TunnelFailed } from "./route.ts";

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
  /** Removes the API key and the proxy's credentials from what a server says, which may be what it was sent. */
  redact(text: string): string;
};

/** Sends one payload. Returns one Delivery, whatever happens on the way. */
async function send(
  route: Route,
  { headers, redact }: Client,
  payload: Uint8Array,
  limit: AbortSignal,
): Promise<Delivery> {
  const { target } = route;
  try {
    const first = await exchange(route.start, headers, payload, limit);
    // A connection that ended while nobody used it says nothing about the intake. Points sent twice are the same points;
    // logs would come twice only from a server that reads them and then resets the connection.
    const answer = first === "stale" ? await exchange(route.start, headers, payload, limit) : first;
    if (answer === "stale") throw new Error("the connection was closed twice");
    const { status } = answer;
    const outcome = outcomeOf(answer);
    if (outcome === "accepted") return { outcome, status, error: "" };
    const wait = outcome === "retry" ? retryAfter(answer.headers, Date.now() / 1000) : undefined;
    // Redacted before it is cut to a length, so that no part of a secret is left at its end.
    const error = redact(explainAnswer({ ...answer, body: redact(answer.body) }, target));
    return { outcome, status, error, ...(wait !== undefined && { retryAfter: wait }) };
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
