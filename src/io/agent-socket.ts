import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

/** Characters of a question, connections at one time, and milliseconds in which a question must be asked. */
const LONGEST = 100;
const CONNECTIONS = 8;
const IN_TIME = 5000;

/** What a command asks of the running agent: to close its windows, what came in over DogStatsD, which lanes are stuck, or how it is. */
export type Question = "close" | "traffic" | "health" | "status";

/**
 * Answers the questions of commands at a unix socket that only this user can reach: a line with the question, then a line of JSON.
 * The caller is the only agent, so that a socket there was left by one that is gone. Rejects when it cannot listen.
 */
export async function answerAt(
  path: string,
  answer: (question: string) => Promise<unknown>,
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true });
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    socket.setTimeout(IN_TIME, () => socket.destroy());
    socket.on("error", () => {});
    let text = "";
    socket.setEncoding("utf8").on("data", (some: string) => {
      text += some;
      if (text.length > LONGEST) socket.destroy();
      if (!text.includes("\n")) return;
      socket.removeAllListeners("data").resume();
      socket.setTimeout(0);
      const [question = ""] = text.split("\n", 1);
      answer(question).then(
        (found) => socket.end(`${JSON.stringify(found ?? null)}\n`),
        () => socket.destroy(),
      );
    });
  });
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
  server.removeAllListeners("error").on("error", () => {});
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Asks the agent that listens at the path. Resolves to the value of its JSON; undefined when none answers within `seconds`. */
export function askAgent(path: string, question: Question, seconds: number): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    const timer = setTimeout(() => socket.destroy(), seconds * 1000);
    socket.on("error", () => {});
    socket.on("connect", () => socket.write(`${question}\n`));
    socket.setEncoding("utf8").on("data", (some: string) => {
      text += some;
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(parsed(text));
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
