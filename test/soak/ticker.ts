import { createSocket } from "node:dgram";

/** Packets a second. */
const RATE = 10;

/** Seconds before a kill -9 whose packets may be in memory only: the open window, the one before it, and the wait for its turn. */
const IN_MEMORY = 22;

/** An application that counts by DogStatsD, whose packets nobody acknowledges. */
export type Ticker = {
  /** It sends only while the agent listens. */
  listening(yes: boolean): void;
  /** The agent is killed: what it had in memory only may be missing. */
  killed(): void;
  /** The sum of `soak.ticks` that may have arrived. */
  expected(): { least: number; most: number };
  stop(): void;
};

export function createTicker(port: number): Ticker {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const sentAt: number[] = [];
  let isListening = false;
  let allowed = 0;
  let forgotten = 0;
  const timer = setInterval(() => {
    if (!isListening) return;
    sentAt.push(performance.now() / 1000);
    socket.send(`soak.ticks:1|c|#way:udp\nsoak.level:${sentAt.length}|g\nsoak.time:12|ms`, port, "127.0.0.1");
  }, 1000 / RATE);
  return {
    listening: (yes) => {
      isListening = yes;
    },
    killed: () => {
      isListening = false;
      const since = Math.max(forgotten, performance.now() / 1000 - IN_MEMORY);
      allowed += sentAt.filter((at) => at >= since).length;
      forgotten = performance.now() / 1000;
    },
    expected: () => ({ least: sentAt.length - allowed, most: sentAt.length }),
    stop: () => {
      clearInterval(timer);
      socket.close();
    },
  };
}
