import { closeSync, readSync } from "node:fs";
import { ListenError } from "../errors.ts";
import type { Listener } from "./listener.ts";
import { textOf } from "./port-holder.ts";
import type { Receive } from "./receiver.ts";

/** Most bytes of a datagram. */
const MOST = 65_536;

/** Datagrams that are read before everything else has its turn, and milliseconds between two looks at a busy and an idle socket. */
const TURN = 2000;
const BUSY = 1;
const IDLE = 20;

/** `O_NONBLOCK` in the flags of /proc/self/fdinfo, octal. */
const NON_BLOCKING = 0o4000;

/**
 * Reads a unix datagram socket that systemd has bound. Neither runtime can open such a socket, and Bun's `net.Socket` on one
 * delivers nothing, so it is read like a file: one read is one datagram. Throws ListenError when a read could block, which would
 * stop the whole agent.
 */
export function listenDatagram(descriptor: number, receive: Receive): Listener {
  const [, flags = "0"] = /^flags:\s*([0-7]+)/m.exec(textOf(`/proc/self/fdinfo/${descriptor}`)) ?? [];
  if ((Number.parseInt(flags, 8) & NON_BLOCKING) === 0)
    throw new ListenError(
      "the unix datagram socket that systemd passed may block: add NonBlocking=yes to [Service] of chouette.service",
    );
  const buffer = Buffer.alloc(MOST);
  let pause = BUSY;
  let timer: ReturnType<typeof setTimeout>;

  /** Returns false when nothing waits. An empty datagram is not the end. */
  const readOne = (): boolean => {
    try {
      const length = readSync(descriptor, buffer, 0, MOST, null);
      if (length > 0) receive(buffer.subarray(0, length));
      return true;
    } catch {
      return false;
    }
  };
  const readTurn = () => {
    let read = 0;
    while (read < TURN && readOne()) read++;
    pause = read > 0 ? BUSY : Math.min(IDLE, pause * 2);
    timer = setTimeout(readTurn, pause);
  };
  timer = setTimeout(readTurn, BUSY);
  return {
    where: "unix datagram socket of chouette-dogstatsd.socket",
    close: async () => {
      clearTimeout(timer);
      closeSync(descriptor);
    },
  };
}
