import type * as http from "node:http";
import type { Socket } from "node:net";
import { STALE } from "./exchange.ts";

/** Seconds between two looks at a request that takes its time. */
const LOOK = 5;

/**
 * Share of the seconds that is waited while the peer does not acknowledge what was sent: it cannot have the whole request, so that
 * sending it again doubles nothing.
 */
const UNACKNOWLEDGED = 0.5;

/** Share of the seconds after which a kept connection whose peer acknowledges nothing is replaced: it may lead nowhere any more. */
const REPLACED = 0.25;

/** Follows a request, which may take as long as bytes go through. */
export type Stall = {
  /** Aborts when nothing has gone through for the seconds that are allowed, with an Error that says so as its reason. */
  signal: AbortSignal;
  /** Looks at this request from now on, and returns it. */
  follow(request: http.ClientRequest): http.ClientRequest;
  /** True when there was a connection for the request, so that the peer may have it. */
  isSent(): boolean;
  clear(): void;
};

export type StallOptions = {
  /** Seconds without progress. */
  seconds: number;
  /** Returns the bytes of a connection that its peer has not acknowledged; undefined when they are not known. */
  unacknowledged?: ((socket: Socket) => Promise<number | undefined>) | undefined;
  /** Hears now and then that bytes went through. */
  progress?: (() => void) | undefined;
};

/** Returns the seconds between two looks. */
export function lookEvery(seconds: number): number {
  return Math.min(LOOK, seconds / 4);
}

/** Starts to follow a request. Where the kernel does not tell what was acknowledged, only what was read is progress. */
export function createStall({ seconds, unacknowledged, progress }: StallOptions): Stall {
  const over = new AbortController();
  let followed: http.ClientRequest | undefined;
  let isSent = false;
  let seen = "";
  let quiet = 0;
  const every = lookEvery(seconds);
  const look = async () => {
    const socket = followed?.socket ?? undefined;
    const left = socket && (await unacknowledged?.(socket));
    const state = socket === undefined ? "" : `${socket.bytesRead} ${left}`;
    if (state !== seen) {
      seen = state;
      quiet = 0;
      progress?.();
      return;
    }
    quiet += every;
    if (left && followed?.reusedSocket && quiet >= REPLACED * seconds) followed.destroy(STALE);
    const limit = left ? UNACKNOWLEDGED * seconds : seconds;
    if (quiet >= limit) over.abort(new Error(`made no progress for ${Math.round(limit * 100) / 100} s`));
  };
  const timer = setInterval(look, every * 1000);
  return {
    signal: over.signal,
    follow: (request) => {
      followed = request;
      request.once("socket", (socket) => {
        if (socket.connecting) socket.once("connect", () => (isSent = true));
        else isSent = true;
      });
      return request;
    },
    isSent: () => isSent,
    clear: () => clearInterval(timer),
  };
}
