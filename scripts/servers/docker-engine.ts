import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the engine does with a request; the path is without its query. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export type DockerEngine = {
  socketPath: string;
  /** Paths with their queries, in the order in which they came. */
  requests: string[];
  /** The largest number of requests that were under way at once. */
  mostAtOnce(): number;
  /** Resolves when so many requests are under way at the same time. */
  underWay(count: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** An engine of nothing but answers, by path (`/containers/json`), on a unix socket of its own; 404 for the others. */
export async function startDockerEngine(answers: Readonly<Record<string, Answer>>): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "docker-engine-"));
  const socketPath = join(folder, "docker.sock");
  const requests: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let underWay = 0;
  let most = 0;

  const server = createServer((request, response) => {
    const url = request.url ?? "";
    requests.push(url);
    underWay += 1;
    most = Math.max(most, underWay);
    response.on("close", () => {
      underWay -= 1;
    });
    for (const { count, resolve } of waiting) if (underWay >= count) resolve();
    const answer = answers[url.replace(/\?.*/, "")] ?? json(404, { message: "page not found" });
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  return {
    socketPath,
    requests,
    mostAtOnce: () => most,
    underWay: (count) =>
      new Promise((resolve) => {
        if (underWay >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function json(status: number, body: unknown): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

export function plain(status: number, body: string): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "text/plain" }).end(body);
  };
}

/** Takes the request and says nothing. */
export const hang: Answer = () => {};

/** Promises a long answer and closes in the middle of it. */
export const half: Answer = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
  response.write('{"read":"2026-11-22T14:28:13Z","cpu_stats":{', () => response.destroy());
};
