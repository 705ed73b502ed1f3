import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { IoError } from "../errors.ts";
import { overJsonLimits } from "../json/json-limits.ts";
import { parseJson } from "../json/parse-json.ts";
import type { JsonRequest } from "../plugins/plugin.ts";
import { ioError } from "./system-errors.ts";

const MAX_BODY = 8 * 1024 * 1024;

/**
 * Makes one GET over TCP, TLS or a unix socket, on a connection of its own; the signal is the deadline. Resolves whatever the
 * status; rejects with IoError a body over 8 MiB, and a successful one that is not JSON or over the limits of foreign JSON. Errors
 * name the server and path, never the query or a header.
 */
export async function getJson(
  request: JsonRequest,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const name = nameOf(request);
  const late = (cause?: unknown) => new IoError(name, "timeout", "no answer in time", { cause });
  if (signal.aborted) throw late();
  const { status, text } = await get(request, signal).catch((error: unknown) => {
    throw signal.aborted ? late(error) : ioError(name, error);
  });
  const body = parseJson(text);
  if (body !== undefined || status >= 400 || text === "") return { status, body };
  const why = overJsonLimits(text) ?? "is not JSON";
  throw new IoError(name, "other", `the answer (status ${status}, ${text.length} characters) ${why}`);
}

async function get(request: JsonRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const response = await send(request, signal);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) {
      response.destroy();
      throw new Error("the answer is longer than 8 MiB");
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

function send({ url, socketPath, headers, tls }: JsonRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    signal,
    agent: false,
    headers: { accept: "application/json", ...headers },
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(tls === undefined ? {} : { rejectUnauthorized: tls.verify }),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  };
  return new Promise((resolve, reject) => {
    const start = url.startsWith("https:") ? httpsRequest : httpRequest;
    start(url, options, resolve).on("error", reject).end();
  });
}

/** `http://docker/containers/json at /var/run/docker.sock`; the query may hold a secret and is left out. */
function nameOf({ url, socketPath }: JsonRequest): string {
  const { origin, pathname } = new URL(url);
  return `cannot get ${origin}${pathname}${socketPath === undefined ? "" : ` at ${socketPath}`}`;
}
