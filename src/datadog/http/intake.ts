import type * as http from "node:http";
import { createSecureContext } from "node:tls";
import {
  answeredAt,
  type Delivery,
  type Intake,
  type IntakeTrack,
  type KeyAnswer,
  retryAfter,
} from "../delivery.ts";
import { whyAborted } from "../why-aborted.ts";
import { type Answer, outcomeOf } from "./answer.ts";
import { exchange, type Start } from "./exchange.ts";
import { explainAnswer } from "./explain-answer.ts";
import { explainFailure, isUntrusted } from "./explain-failure.ts";
import { createLine } from "./in-turn.ts";
import { answerAboutKey } from "./key-answer.ts";
import type { Proxies } from "./proxy.ts";
import { redactor } from "./redactor.ts";
import { createRoute, type Route, type Trust, TunnelFailed } from "./route.ts";
import { createStall, lookEvery, type Stall, type StallOptions } from "./stall.ts";

/** What has an address of its own: the tracks, and the question whether the key is valid. */
type Address = IntakeTrack | "validate";

/** An intake that can be asked about the API key without being sent anything. Never rejects. */
export type HttpIntake = Intake & { checkKey(signal: AbortSignal): Promise<KeyAnswer> };

export type IntakeOptions = {
  /** Whole URLs with their paths, as `https://api.datadoghq.com/api/v1/series`. */
  urls: Readonly<Record<Address, string>>;
  apiKey: string;
  /** The version of Chouette, for the User-Agent. */
  version: string;
  proxy?: Proxies;
  /** Seconds without progress after which a request is given up. */
  requestTimeout: number;
  /** Returns the bytes of a connection that its peer has not acknowledged; undefined when they are not known. */
  unacknowledged?: StallOptions["unacknowledged"];
  /**
   * Returns all trusted authorities in PEM form. Asked for only when those built into the runtime do not include the peer's,
   * since they take memory.
   */
  authorities?: () => Promise<readonly string[]>;
  /** Hears what the intake shows of the clock: the date of each answer, or a certificate that is not yet valid. */
  onClock?: (shown: ClockShown) => void;
};

/** `date`: Unix seconds; undefined where the answer has none. */
export type ClockShown = { type: "answered"; date: number | undefined } | { type: "not yet valid" };

/** Creates Datadog's intake over HTTP, straight or through a proxy; it keeps one connection for logs and one for all else. */
export function createIntake(options: IntakeOptions): HttpIntake {
  const { apiKey, proxy = { no: [] }, onClock = () => {} } = options;
  const routesTo = trustedRoutes(options, proxy);
  const headers = { "User-Agent": `chouette/${options.version}`, "DD-API-KEY": apiKey };
  const redact = redactor(apiKey, proxy);
  const stall = { seconds: options.requestTimeout, unacknowledged: options.unacknowledged };
  // A request waits for the connection of another before its seconds begin.
  const every = lookEvery(options.requestTimeout);
  const lines = { logs: createLine(every), others: createLine(every) };
  return {
    post: async (track, payload, signal, progress) => {
      const type = track === "sketches" ? "application/x-protobuf" : "application/json";
      const encoded = { "Content-Type": type, "Content-Encoding": "deflate", ...headers };
      const message = { track, headers: encoded, payload, redact, onClock };
      const inTurn = track === "logs" ? lines.logs : lines.others;
      return inTurn(() => send(routesTo, message, signal, { ...stall, progress }), progress);
    },
    checkKey: async (signal) => {
      const message = { track: "validate" as const, headers, payload: new Uint8Array(), redact, onClock };
      const answer = await lines.others(() => answerTo(routesTo, message, signal, stall));
      if ("outcome" in answer) return { answer: "silent", error: answer.error };
      return answerAboutKey({ ...answer, body: redact(answer.body) }, routesTo.current("validate").target);
    },
    close: async () => routesTo.close(),
  };
}

type Message = {
  track: Address;
  headers: http.OutgoingHttpHeaders;
  payload: Uint8Array;
  /** Removes the API key and the proxy's credentials from what a server says, which may be what it was sent. */
  redact(text: string): string;
  onClock(shown: ClockShown): void;
};

type Routes = {
  /** The route of a track, with what is trusted by now. */
  current(track: Address): Route;
  /** Trusts all authorities from now on. */
  trustAll(): Promise<void>;
  close(): void;
};

/** Creates the routes of all tracks, and others once more authorities are trusted; connections of the first ones may be in use. */
function trustedRoutes({ urls, authorities }: IntakeOptions, proxy: Proxies): Routes {
  const create = (trust: Trust): Readonly<Record<Address, Route>> => {
    const series = createRoute(new URL(urls.series), "DATADOG_URL", proxy, trust);
    const beside = (url: string, method?: string) =>
      createRoute(new URL(url), "DATADOG_URL", proxy, trust, series.agent, method);
    return {
      series,
      logs: createRoute(new URL(urls.logs), "DATADOG_LOGS_URL", proxy, trust),
      distributions: beside(urls.distributions),
      sketches: beside(urls.sketches),
      events: beside(urls.events),
      checks: beside(urls.checks),
      validate: beside(urls.validate, "GET"),
    };
  };
  const made = [create(undefined)];
  let trusted: Promise<void> | undefined;
  return {
    current: (track) => (made.at(-1) ?? create(undefined))[track],
    trustAll: () => {
      trusted ??= authorities?.().then((ca) => {
        made.push(create(createSecureContext({ ca: [...ca] })));
      });
      return trusted ?? Promise.resolve();
    },
    close: () => {
      for (const { series, logs } of made) for (const { agent } of [series, logs]) agent.destroy();
    },
  };
}

/** Sends one payload. Returns one Delivery, whatever happens on the way. */
async function send(
  routes: Routes,
  message: Message,
  signal: AbortSignal,
  options: StallOptions,
): Promise<Delivery> {
  const { redact } = message;
  const { target } = routes.current(message.track);
  const answer = await answerTo(routes, message, signal, options);
  if ("outcome" in answer) return answer;
  const { status } = answer;
  const outcome = outcomeOf(answer);
  if (outcome === "accepted") return { outcome, status, error: "" };
  const wait = outcome === "retry" ? retryAfter(answer.headers, Date.now() / 1000) : undefined;
  // Redacted before it is cut to a length, so that no part of a secret is left at its end.
  const error = redact(explainAnswer({ ...answer, body: redact(answer.body) }, target));
  return { outcome, status, error, ...(wait !== undefined && { retryAfter: wait }) };
}

/** Returns the answer to one request, or the Delivery that says why there is none. */
async function answerTo(
  routes: Routes,
  message: Message,
  signal: AbortSignal,
  options: StallOptions,
): Promise<Answer | Delivery> {
  const { target, atProxy } = routes.current(message.track);
  const stall = createStall(options);
  const limit = AbortSignal.any([signal, stall.signal]);
  try {
    const answer = await trustedAnswer(routes, message, limit, stall);
    message.onClock({ type: "answered", date: answeredAt(answer.headers) });
    return answer;
  } catch (error) {
    if (limit.aborted) {
      const via = target.proxy === undefined ? "" : ` through the proxy ${target.proxy.url.host}`;
      const why = signal.aborted
        ? `was given up before it answered${whyAborted(signal)}`
        : `${reasonOf(stall.signal)}: check the network and its speed`;
      return unanswered(`${target.url.host}${via} ${why}`, stall.isSent());
    }
    if (codeOf(error) === "CERT_NOT_YET_VALID") message.onClock({ type: "not yet valid" });
    if (error instanceof TunnelFailed) return error.delivery;
    const invalidKey = codeOf(error) === "ERR_INVALID_CHAR";
    if (invalidKey)
      return { outcome: "hold", status: 0, error: "API_KEY holds a character that no key has: check it" };
    const isEnded = ENDED.includes(codeOf(error));
    return unanswered(explainFailure(error, target, atProxy), isEnded && stall.isSent());
  } finally {
    stall.clear();
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** The outcome of a request without an answer. */
function unanswered(error: string, isSent: boolean): Delivery {
  return { outcome: "retry", status: 0, error, ...(isSent && { unanswered: true }) };
}

/** Codes of a connection that ended while it was in use; without a code the peer closed it. */
const ENDED: readonly unknown[] = [undefined, "ECONNRESET", "EPIPE", "ETIMEDOUT"];

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Makes the request, and once more when the peer's authority may be among those that are not built in. */
async function trustedAnswer(
  routes: Routes,
  message: Message,
  limit: AbortSignal,
  stall: Stall,
): Promise<Answer> {
  const route = routes.current(message.track);
  try {
    return await freshAnswer(route, message, limit, stall);
  } catch (error) {
    if (limit.aborted || !isUntrusted(error)) throw error;
    await routes.trustAll();
    const next = routes.current(message.track);
    if (next === route) throw error;
    return freshAnswer(next, message, limit, stall);
  }
}

/**
 * Makes the request, and once more on a new connection when the kept one had ended while nobody used it, which says nothing
 * about the intake. Points sent twice are the same points; logs would come twice only from a server that reads them and then
 * resets the connection.
 */
async function freshAnswer(
  { start }: Route,
  { headers, payload }: Message,
  limit: AbortSignal,
  stall: Stall,
) {
  const begin: Start = (...request) => stall.follow(start(...request));
  const first = await exchange(begin, headers, payload, limit);
  const answer = first === "stale" ? await exchange(begin, headers, payload, limit) : first;
  if (answer === "stale") throw new Error("the connection was closed twice");
  return answer;
}
