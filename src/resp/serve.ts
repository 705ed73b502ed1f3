import type { Socket } from "node:net";
import Parser from "redis-parser";
import { error, type Reply } from "./replies.ts";
import type { Session } from "./session.ts";

/** Bytes since the last whole command: of a client that may write, and of one that has not logged in. */
export const MOST_COMMAND = 2_000_000;
const MOST_STRANGER = 16_384;

/** Bytes of a transaction. */
const MOST_TRANSACTION = 8_000_000;

/** Answers that wait for the storage, and bytes of them that a client has not read, above which it is not read from. */
const MOST_ANSWERS = 2000;
const MOST_UNREAD = 65_536;

/** Milliseconds in which a command must be complete, and in which a client must log in. */
const HALF = 30_000;

export type Connection = {
  /** Bytes that it keeps in memory. */
  held(): number;
  end(): void;
};

/**
 * Serves one client: its commands are answered in their order. Closes the connection when it does not speak the protocol, sends
 * more than it may without completing a command, or takes too long over one.
 */
export function serve(socket: Socket, session: Session, onGrowth: () => void, half = HALF): Connection {
  /** Answers in order; undefined for those that wait for the storage. */
  const answers: { reply: Reply | undefined }[] = [];
  let partial = 0;
  let ending = false;
  let closed = false;
  /** Ends the connection. A client that drips bytes is never silent, so each command has its own time. */
  let late: ReturnType<typeof setTimeout> | undefined;

  const watch = () => {
    if (partial > 0 || ending || !session.allowed()) late ??= setTimeout(() => socket.destroy(), half);
    else stopWatch();
  };

  const stopWatch = () => {
    clearTimeout(late);
    late = undefined;
  };

  const flush = () => {
    let text = "";
    while (answers[0]?.reply !== undefined) text += answers.shift()?.reply;
    if (text !== "" && !closed) socket.write(text, "latin1");
    if (ending && answers.length === 0) socket.end();
    else steer();
  };

  /** Reads no more from a client than it takes answers. */
  const steer = () => {
    const full = answers.length > MOST_ANSWERS || socket.writableLength > MOST_UNREAD;
    if (full !== socket.isPaused() && !closed) full ? socket.pause() : socket.resume();
  };

  const answer = (reply: Reply | Promise<Reply>) => {
    const place = { reply: typeof reply === "string" ? reply : undefined };
    answers.push(place);
    if (typeof reply === "string") return;
    void reply.then((text) => {
      place.reply = text;
      if (answers[0] === place) flush();
    });
  };

  const refuse = (words: string) => {
    answer(error(words));
    ending = true;
  };

  const parser = new Parser({
    returnBuffers: true,
    returnReply: (command: unknown) => {
      if (ending) return;
      const words = wordsOf(command);
      if (words === undefined) return refuse("ERR Protocol error: expected a command as an array of texts");
      partial = Math.max(0, partial - lengthOf(command));
      if (session.allowed()) stopWatch();
      if (words.length === 0) return;
      answer(session.handle(words));
      if (words[0]?.toUpperCase() === "QUIT") ending = true;
      if (session.held() > MOST_TRANSACTION) refuse("ERR the transaction is too large");
    },
    returnError: () => refuse("ERR Protocol error: expected '*', got '-'"),
    returnFatalError: (cause: Error) => {
      throw cause;
    },
  });

  socket.on("data", (chunk: Buffer) => {
    if (ending) return;
    partial += chunk.length;
    try {
      parser.execute(chunk);
    } catch {
      // Not an array, or one of a length that nobody can mean. The parser is not used any more.
      refuse("ERR Protocol error: expected '*' and the number of texts of a command");
    }
    const most = session.allowed() ? MOST_COMMAND : MOST_STRANGER;
    if (partial > most) refuse("ERR Protocol error: too big bulk count string");
    watch();
    onGrowth();
    flush();
  });
  socket.on("drain", steer);
  socket.on("error", () => {});
  socket.on("close", () => {
    closed = true;
    stopWatch();
  });
  watch();

  return {
    held: () => (closed ? 0 : partial + session.held()),
    end: () => socket.destroy(),
  };
}

/** Bytes of a command as clients write it: `*2\r\n$4\r\nECHO\r\n$1\r\na\r\n`. */
function lengthOf(command: unknown): number {
  const words: readonly Buffer[] = Array.isArray(command) ? command : [];
  return words.reduce(
    (total, { length }) => total + length + `${length}`.length + 5,
    `${words.length}`.length + 3,
  );
}

/** The texts of a command; undefined for what is not a list of bulk strings. */
function wordsOf(command: unknown): string[] | undefined {
  if (!Array.isArray(command) || command.length > MOST_COMMAND) return undefined;
  const words: string[] = [];
  for (const word of command) {
    if (!Buffer.isBuffer(word)) return undefined;
    words.push(word.toString());
  }
  return words;
}
