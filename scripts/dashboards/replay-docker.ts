import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

type Answer = { url: string; status?: number; body?: unknown; file?: string };

/**
 * Starts a Docker Engine on a unix socket that answers as captured: `requests.json` of a folder of test/fixtures/docker lists its
 * answers, some of them in files beside it. Anything else is not found.
 */
export async function replayDocker(
  folder: string,
  socketPath: string,
): Promise<{ socketPath: string } & AsyncDisposable> {
  const answers: Answer[] = JSON.parse(readFileSync(join(folder, "requests.json"), "utf8"));
  const server = createServer(({ url }, response) => {
    const found = answers.find((answer) => answer.url === `http://docker${url}`);
    response.statusCode = found === undefined ? 404 : (found.status ?? 200);
    response.setHeader("content-type", "application/json");
    if (found === undefined) response.end('{"message":"page not found"}');
    else if (found.file === undefined) response.end(JSON.stringify(found.body));
    else response.end(readFileSync(join(folder, found.file)));
  });
  await new Promise<void>((listening) => server.listen(socketPath, listening));
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
