import type * as http from "node:http";
import type { Answer } from "./answer.ts";

/** Starts one request; the limit is also that of a connection to be made for it. */
export type Start = (headers: http.OutgoingHttpHeaders, limit: AbortSignal) => http.ClientRequest;

/** Bytes of a body that are read: people are shown the beginning, and an intake's own answers are shorter. */
const LONGEST_BODY = 65_536;

/** Ends a request whose kept connection takes nothing. */
export const STALE = new Error("the kept connection leads nowhere");

/**
 * Makes one request. "stale": the kept connection was closed before, or takes nothing. Once there is a status line, it alone decides:
 * an intake that says 202 and is cut off then has taken the payload, and sending it again would double the logs.
 */
export function exchange(
  start: Start,
  headers: http.OutgoingHttpHeaders,
  payload: Uint8Array,
  limit: AbortSignal,
): Promise<Answer | "stale"> {
  return new Promise((resolve, reject) => {
    if (limit.aborted) throw limit.reason;
    const request = start({ ...headers, "Content-Length": payload.length }, limit);
    const abort = () => {
      request.destroy();
      // A request that still waits for its connection emits nothing when it is destroyed.
      if (!answered) reject(limit.reason);
    };
    let answered = false;
    limit.addEventListener("abort", abort, { once: true });
    request.on("response", async (response) => {
      answered = true;
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, ...(await bodyOf(response)) });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const died = error === STALE || error.code === "ECONNRESET" || error.code === "EPIPE";
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

/** Reads the beginning of a body. Never rejects. */
function bodyOf(response: http.IncomingMessage): Promise<Pick<Answer, "body" | "complete">> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ended = false;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > LONGEST_BODY) response.destroy();
    });
    response.on("end", () => {
      ended = true;
    });
    response.on("error", () => {});
    response.on("close", () =>
      resolve({
        body: Buffer.concat(chunks).toString("utf8", 0, LONGEST_BODY),
        complete: ended && bytes <= LONGEST_BODY,
      }),
    );
  });
}
