import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getJson } from "../../src/io/get-json.ts";

const never = new AbortController().signal;
const pem = (name: string) => readFileSync(join(import.meta.dir, "certificates", `${name}.pem`), "utf8");

const answers: RequestListener = (request, response) => {
  const path = request.url ?? "";
  if (path === "/mirror") {
    response.end(JSON.stringify({ method: request.method, token: request.headers.authorization }));
  } else if (path === "/refused") {
    response.writeHead(403, { "content-type": "application/json" }).end('{"message":"no"}');
  } else if (path.startsWith("/words")) {
    response.writeHead(401).end("Unauthorized");
  } else if (path.startsWith("/page")) {
    response.end("Unauthorized");
  } else if (path === "/moved") {
    response.writeHead(302, { location: "/mirror" }).end("{}");
  } else if (path === "/pieces") {
    response.write('{"temperature":"21');
    response.write(Buffer.from([0xc2]));
    response.end(Buffer.concat([Buffer.from([0xb0]), Buffer.from('C"}')]));
  } else if (path === "/most") {
    response.end(`"${"x".repeat(8 * 1024 * 1024 - 2)}"`);
  } else if (path === "/endless") {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, " ")));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  } else if (path === "/deep") {
    response.end("[".repeat(8_000_000));
  } else if (path === "/half") {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"half":', () => response.destroy());
  }
  // Everything else is never answered.
};

let http: Server;
let base: string;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chouette-json-"));
  http = await listen(createServer(answers), 0);
  base = `http://127.0.0.1:${portOf(http)}`;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
  rmSync(folder, { recursive: true });
});

describe("over TCP", () => {
  test("a GET with its headers, and the body as JSON", async () => {
    const answer = await getJson({ url: `${base}/mirror`, headers: { authorization: "Bearer t" } }, never);
    expect(answer).toEqual({ status: 200, body: { method: "GET", token: "Bearer t" } });
  });

  test("every status is an answer, and redirects are not followed", async () => {
    expect(await getJson({ url: `${base}/refused` }, never)).toEqual({
      status: 403,
      body: { message: "no" },
    });
    expect(await getJson({ url: `${base}/moved` }, never)).toEqual({ status: 302, body: {} });
  });

  test("a character that is split between two chunks stays whole", async () => {
    expect(await getJson({ url: `${base}/pieces` }, never)).toEqual({
      status: 200,
      body: { temperature: "21°C" },
    });
  });

  test("8 MB of opening brackets, which would become 600 MB of lists, are not parsed", async () => {
    await expect(getJson({ url: `${base}/deep` }, never)).rejects.toThrow(
      `cannot get ${base}/deep: the answer (status 200, 8000000 characters) nests deeper than 100 levels`,
    );
  });

  test("at most 8 MiB of an answer are read", async () => {
    const { body } = await getJson({ url: `${base}/most` }, never);
    expect((body as string).length).toBe(8 * 1024 * 1024 - 2);
    await expect(getJson({ url: `${base}/endless` }, never)).rejects.toThrow(
      `cannot get ${base}/endless: the answer is longer than 8 MiB`,
    );
  });

  test("an error without JSON is its status alone", async () => {
    expect(await getJson({ url: `${base}/words?token=secret` }, never)).toEqual({
      status: 401,
      body: undefined,
    });
  });

  test("success without JSON rejects, and the query stays out of the error", async () => {
    await expect(getJson({ url: `${base}/page?token=secret` }, never)).rejects.toThrow(
      new Error(`cannot get ${base}/page: the answer (status 200, 12 characters) is not JSON`),
    );
  });

  test("a truncated answer rejects", async () => {
    await expect(getJson({ url: `${base}/half` }, never)).rejects.toThrow(
      `cannot get ${base}/half: the connection was closed before the answer was complete`,
    );
  });

  test("nothing listens", async () => {
    const server = await listen(createServer(), 0);
    const url = `http://127.0.0.1:${portOf(server)}/`;
    server.close();
    await expect(getJson({ url }, never)).rejects.toThrow(
      `cannot get ${url}: connection refused, nothing listens there`,
    );
  });
});

describe("the signal", () => {
  test("is the deadline of a server that never answers", async () => {
    await expect(getJson({ url: `${base}/silence` }, AbortSignal.timeout(1))).rejects.toThrow(
      `cannot get ${base}/silence: no answer in time`,
    );
  });

  test("ends a pending request", async () => {
    const stop = new AbortController();
    const arrived = new Promise<void>((resolve) => http.once("request", () => resolve()));
    const pending = getJson({ url: `${base}/silence` }, stop.signal);
    await arrived;
    stop.abort();
    await expect(pending).rejects.toThrow(`cannot get ${base}/silence: no answer in time`);
  });

  test("ends an endless body", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"', () => stop.abort());
    });
    const stop = new AbortController();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await expect(getJson({ url }, stop.signal)).rejects.toThrow(`cannot get ${url}: no answer in time`);
    server.close();
  });

  test("an aborted signal sends no request", async () => {
    await expect(getJson({ url: "http://127.0.0.1:1/" }, AbortSignal.abort())).rejects.toThrow(
      "cannot get http://127.0.0.1:1/: no answer in time",
    );
  });
});

describe("over a unix socket", () => {
  test("the URL's host is only a name", async () => {
    const socketPath = join(folder, "docker.sock");
    const server = await listen(createServer(answers), socketPath);
    const answer = await getJson({ url: "http://docker/mirror", socketPath }, never);
    expect(answer).toEqual({ status: 200, body: { method: "GET" } });
    server.close();
  });

  test("a missing socket and one without a listener reject", async () => {
    const socketPath = join(folder, "none.sock");
    await expect(getJson({ url: "http://docker/info", socketPath }, never)).rejects.toThrow(
      `cannot get http://docker/info at ${socketPath}: no such file`,
    );

    const server = await listen(createServer(), join(folder, "moved.sock"));
    renameSync(join(folder, "moved.sock"), socketPath);
    server.close();
    await expect(getJson({ url: "http://docker/info", socketPath }, never)).rejects.toThrow(
      `cannot get http://docker/info at ${socketPath}: connection refused, nothing listens there`,
    );
  });
});

describe("over TLS", () => {
  let https: Server;
  let url: string;
  beforeAll(async () => {
    const options = { cert: pem("server"), key: pem("server-key"), ca: pem("ca") };
    https = await listen(
      createTlsServer({ ...options, requestCert: true, rejectUnauthorized: false }, (request, response) => {
        const { authorized } = request.socket as unknown as { authorized: boolean };
        response.end(JSON.stringify({ client: authorized }));
      }) as unknown as Server,
      0,
    );
    url = `https://127.0.0.1:${portOf(https)}/stats/summary`;
  });
  afterAll(() => {
    https.closeAllConnections();
    https.close();
  });

  test("trusts the server's authority", async () => {
    expect(await getJson({ url, tls: { ca: pem("ca"), verify: true } }, never)).toEqual({
      status: 200,
      body: { client: false },
    });
  });

  test("sends a client certificate, as the kubelet requires", async () => {
    const tls = { cert: pem("client"), key: pem("client-key"), verify: false };
    expect(await getJson({ url, tls }, never)).toEqual({ status: 200, body: { client: true } });
  });

  test("rejects an unknown authority, unless verification is off", async () => {
    const unknown = getJson({ url, tls: { verify: true } }, never);
    await expect(unknown).rejects.toThrow(
      `cannot get ${url}: its certificate is signed by an unknown authority`,
    );
    expect(await getJson({ url, tls: { verify: false } }, never)).toMatchObject({ status: 200 });
  });

  test("rejects a certificate for another name", async () => {
    const other = url.replace("127.0.0.1", "127.0.0.2");
    const attempt = getJson({ url: other, tls: { ca: pem("ca"), verify: true } }, never);
    await expect(attempt).rejects.toThrow(`cannot get ${other}: its certificate is for another name`);
  });
});

function listen(server: Server, where: number | string): Promise<Server> {
  return new Promise((resolve) => {
    if (typeof where === "string") server.listen(where, () => resolve(server));
    else server.listen(where, () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
