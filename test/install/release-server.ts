import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** Serves release folders as GitHub lays them out: /latest/download/FILE and /download/vVERSION/FILE, parts of files too. */
export type ReleaseServer = {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Folders by their version. */
  folders: Map<string, string>;
  /** The version that /latest stands for. */
  latest: string;
  /** `GET /path from BYTE` of all that were asked for. */
  requests: string[];
  /** Answers with this status whatever is asked of a version. */
  statuses: Map<string, number>;
  /** Ends the connection after so many bytes of each answer. */
  cutAfter: number | undefined;
  stop(): Promise<void>;
};

export async function startReleaseServer(): Promise<ReleaseServer> {
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const releases: ReleaseServer = {
    url: `http://127.0.0.1:${port}`,
    folders: new Map(),
    latest: "",
    requests: [],
    statuses: new Map(),
    cutAfter: undefined,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    releases.requests.push(`${request.url} from ${from}`);
    const [, version = releases.latest, name = ""] =
      /^(?:\/latest\/download|\/download\/v([^/]+))\/([^/]+)$/.exec(request.url ?? "") ?? [];
    const status = releases.statuses.get(version);
    if (status !== undefined) return void response.writeHead(status).end();
    const file = join(releases.folders.get(version) ?? "/nowhere", name);
    if (name === "" || !existsSync(file)) return void response.writeHead(404).end("not found");
    const { size } = statSync(file);
    if (from >= size) return void response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": size - from,
      ...(from > 0 ? { "content-range": `bytes ${from}-${size - 1}/${size}` } : {}),
    });
    const cut = releases.cutAfter;
    const end = cut === undefined || from + cut >= size ? size - 1 : from + cut - 1;
    const stream = createReadStream(file, { start: from, end });
    stream.pipe(response, { end: end === size - 1 });
    if (end < size - 1) stream.on("end", () => response.socket?.end());
  };
  return releases;
}
