import { createLineBuffer } from "../line-buffer.ts";
import type { LogLine, SourceOptions } from "../log-line.ts";
import type { Source, Stream } from "../stream.ts";
import { readLine } from "../text/read-line.ts";
import { explainListener } from "./explain-listener.ts";
import type { Inbox, Listen, Listener } from "./listener.ts";
import { listenTcp } from "./tcp.ts";
import { listenUdp } from "./udp.ts";

export type SocketChoice = SourceOptions & Listen & { name: string };

/** Messages and bytes that wait for the queue: beyond them datagrams are dropped and connections not read. */
const MOST = { messages: 10_000, bytes: 4_000_000 } as const;

/** Seconds between two tries to listen. */
const RETRY = 10;

/** Creates the source of one socket: JSON lines, plain text, and syslog as RFC 5424 and 3164 have it. `hostname` is this device's. */
export function createSocketSource(choice: SocketChoice, hostname: string): Source {
  const buffer = createLineBuffer<string>(MOST.messages, MOST.bytes);
  let listener: Listener | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let problem: unknown;
  let lost = 0;
  let cut = 0;
  const inbox: Inbox = {
    put(message) {
      if (buffer.isFull()) {
        lost++;
        return false;
      }
      buffer.push(message, message.length);
      return true;
    },
    cut: (messages) => {
      cut += messages;
    },
    room: buffer.room,
  };
  const stream: Stream = {
    name: choice.name,
    tags: [],
    canWait: false,
    lossOf: (count) =>
      `${count} ${count === 1 ? "message was" : "messages were"} dropped because more came than the queue takes`,
    read(maxBytes, _monotonic, now) {
      const lines = buffer.take(maxBytes).map((message): LogLine => {
        const line = readLine(message, now);
        return line.host === hostname ? { ...line, host: undefined } : line;
      });
      const batch = { lines, cut, lost, position: null, waiting: buffer.bytes() };
      cut = 0;
      lost = 0;
      return batch;
    },
  };
  return {
    name: choice.name,
    options: choice,
    async streams(_find, monotonic) {
      if (listener === undefined && monotonic - triedAt >= RETRY) {
        triedAt = monotonic;
        const listen = choice.protocol === "udp" ? listenUdp : listenTcp;
        try {
          listener = await listen(choice, inbox);
          problem = undefined;
        } catch (error) {
          problem = error;
        }
      }
      return [stream];
    },
    problems: () =>
      problem === undefined ? [] : [{ what: choice.name, ...explainListener(choice, problem) }],
    async close() {
      await listener?.close();
    },
  };
}
