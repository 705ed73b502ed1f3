import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Handles a request; the path is without its query. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export type DockerEngine = {
  socketPath: string;
  /** Paths with their queries, in order of arrival. */
  requests: string[];
  /** The largest number of concurrent requests so far. */
  mostAtOnce(): number;
  /** Resolves when that many requests are open at the same time. */
  underWay(count: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts an engine with fixed answers by path (`/containers/json`), on its own unix socket; 404 for other paths. */
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

/** Accepts the request and never answers. */
export const hang: Answer = () => {};

/** Announces a long answer and closes in the middle of it. */
export const half: Answer = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
  response.write('{"read":"2026-11-22T14:28:13Z","cpu_stats":{', () => response.destroy());
};
