import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Intake } from "../../src/datadog/delivery.ts";
import { createIntake, type IntakeOptions } from "../../src/datadog/intake.ts";
import { compress } from "../../src/datadog/payload.ts";
import { startIntake } from "../helpers/intake-server.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const LOGS = compress(new TextEncoder().encode('[{"message":"hello"}]'));
const never = new AbortController().signal;

let cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp) await end();
  cleanUp = [];
});

test("posts as Datadog's API wants it, on one kept connection", async () => {
  const { server, intake } = await setUp();
  const series = '{"series":[{"metric":"m","points":[[1600000000,0]],"type":"gauge","host":"pi"}]}';
  const payload = compress(new TextEncoder().encode(series));
  for (let i = 0; i < 3; i++)
    expect(await intake.post("series", payload, never)).toEqual({
      outcome: "accepted",
      status: 202,
      error: "",
    });
  expect(server.connections()).toBe(1);
  expect(server.requests[0]).toEqual({
    method: "POST",
    path: "/api/v1/series",
    headers: {
      host: `127.0.0.1:${server.port}`,
      connection: "keep-alive",
      "content-type": "application/json",
      "content-encoding": "deflate",
      "content-length": String(payload.length),
      "user-agent": "chouette/1.2.3",
      "dd-api-key": KEY,
    },
    wireBytes: payload.length,
    rawBytes: series.length,
    body: series,
  });
  expect(server.series).toEqual(new Map([["m|gauge|host:pi", new Map([[1_600_000_000, 0]])]]));

  expect((await intake.post("logs", LOGS, never)).outcome).toBe("accepted");
  expect(server.logs).toEqual([{ message: "hello" }]);
  expect(server.requests[3]?.path).toBe("/api/v2/logs");
});

describe("an answer that is no 2xx says what to do", () => {
  test.each([
    [400, "bisect", "HOST refuses the payload (400); it said: no"],
    [
      401,
      "hold",
      "HOST refuses the API key (401): check API_KEY, and that DD_SITE is the site where the key was made; it said: no",
    ],
    [
      403,
      "hold",
      "HOST refuses the API key (403): check API_KEY, and that DD_SITE is the site where the key was made; it said: no",
    ],
    [404, "hold", "HOST has no /api/v2/logs (404): check DATADOG_LOGS_URL; it said: no"],
    [408, "retry", "HOST asks to come again later (408); it said: no"],
    [413, "halve", "the payload is too large for HOST (413); it said: no"],
    [
      418,
      "hold",
      "HOST does not take /api/v2/logs (418): check DATADOG_LOGS_URL, and for a proxy or firewall on the way; it said: no",
    ],
    [500, "retry", "HOST cannot take it now (500); it said: no"],
  ])("%i", async (status, outcome, error) => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status, body: "no" }));
    expect(await intake.post("logs", LOGS, never)).toEqual({
      outcome: outcome as "hold",
      status,
      error: error.replace("HOST", `127.0.0.1:${server.port}`),
    });
  });

  test("429 with the seconds to wait", async () => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status: 429, headers: { "X-RateLimit-Reset": "17" } }));
    expect(await intake.post("series", LOGS, never)).toEqual({
      outcome: "retry",
      status: 429,
      error: `127.0.0.1:${server.port} asks to come again later (429)`,
      retryAfter: 17,
    });
  });

  test.each([
    [301, "https://user:pw@elsewhere.example/intake?api_key=secret#x", "https://elsewhere.example/intake"],
    [307, "/login?next=secret", "http://HOST/login"],
    [308, "http://[", "nowhere in particular"],
    [304, undefined, "nowhere in particular"],
  ])("a redirect is not followed (%i to %s)", async (status, location, shown) => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status, headers: location === undefined ? {} : { Location: location } }));
    const host = `127.0.0.1:${server.port}`;
    expect(await intake.post("series", LOGS, never)).toEqual({
      outcome: "hold",
      status,
      error: `${host} redirects to ${shown.replace("HOST", host)} (${status}), which is not followed since the API key would go along: if that is the right place, put it into DATADOG_URL`,
    });
    expect(server.requests.length).toBe(1);
  });

  test("on one line of at most 200 characters without what a terminal would obey", async () => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status: 500, body: `\u001b[31m<html>\r\n\t\u202e${"😀".repeat(500)}` }));
    const { error } = await intake.post("series", LOGS, never);
    expect(error).toBe(
      `127.0.0.1:${server.port} cannot take it now (500); it said: [31m<html> ${"😀".repeat(189)}`,
    );
  });

  test.each([0, 150, 185, 195, 1000])("never the API key, wherever it stands (%i)", async (before) => {
    const { server, intake } = await setUp();
    server.respond(() => ({
      status: 403,
      body: `${".".repeat(before)}${KEY} ${KEY}`,
      headers: { Location: `/${KEY}` },
    }));
    const { error } = await intake.post("series", LOGS, never);
    expect(error).toMatch(/it said: /);
    for (let length = 4; length <= KEY.length; length++) expect(error).not.toContain(KEY.slice(0, length));
    server.respond(() => ({ status: 302, headers: { Location: `/${KEY}?${KEY}` } }));
    expect((await intake.post("series", LOGS, never)).error).toContain("/[API key] (302)");
  });
});

describe("once there is a status line, it decides", () => {
  test("a 2xx whose body is cut off has taken the payload", async () => {
    const { server, intake } = await setUp();
    server.respond(() => "cut");
    expect(await intake.post("logs", LOGS, never)).toEqual({ outcome: "accepted", status: 202, error: "" });
    expect(server.logs.length).toBe(1);
  });

  test("a body that never ends is left at the time limit", async () => {
    const url = await rawServer((socket) =>
      socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nsorry"),
    );
    const intake = intakeFor(url, { requestTimeout: 0.1 });
    expect(await intake.post("logs", LOGS, never)).toMatchObject({
      outcome: "hold",
      status: 403,
      error: expect.stringMatching(/it said: sorry$/),
    });
  });

  test("of 200 MB only the beginning is read", async () => {
    let sent = 0;
    let closed: Promise<unknown> | undefined;
    const url = await rawServer((socket) => {
      closed = new Promise((resolve) => socket.on("close", resolve));
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
      const chunk = Buffer.alloc(65_536, "x");
      const pour = () => {
        do sent += chunk.length;
        while (!socket.destroyed && sent < 200_000_000 && socket.write(chunk));
      };
      socket.on("drain", pour);
      pour();
    });
    expect((await intakeFor(url).post("logs", LOGS, never)).outcome).toBe("accepted");
    await closed;
    expect(sent).toBeLessThan(20_000_000);
  });

  test("413 before the whole payload was read", async () => {
    const url = await rawServer((socket) => {
      socket.pause();
      socket.end("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }, "at once");
    const payload = new Uint8Array(3_000_000);
    expect((await intakeFor(url).post("series", payload, never)).outcome).toBe("halve");
  });
});

describe("no answer is a retry", () => {
  test.each(["hang", "half"] as const)("%s: after the time limit", async (reply) => {
    const { server, intake } = await setUp({ requestTimeout: 0.1 });
    server.respond(() => reply);
    expect(await intake.post("logs", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: `127.0.0.1:${server.port} did not answer within 0.1 s: check the network and its speed`,
    });
    server.respond(() => undefined);
    expect((await intake.post("logs", LOGS, never)).outcome).toBe("accepted");
  });

  test("the signal ends it while the server is silent", async () => {
    const { server, intake } = await setUp();
    const stop = new AbortController();
    server.respond(() => {
      stop.abort();
      return "hang";
    });
    const error = `127.0.0.1:${server.port} had not answered yet when Chouette was told to stop`;
    expect(await intake.post("logs", LOGS, stop.signal)).toEqual({ outcome: "retry", status: 0, error });
    expect(await intake.post("logs", LOGS, stop.signal)).toEqual({ outcome: "retry", status: 0, error });
    expect(server.requests.length).toBe(1);
  });

  test("a fresh connection that is reset is not tried again at once", async () => {
    const { server, intake } = await setUp();
    server.respond(() => "reset");
    expect(await intake.post("logs", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: `127.0.0.1:${server.port} closed the connection before it answered (ECONNRESET)`,
    });
    expect(server.requests.length).toBe(1);
  });

  test("a kept connection that the server has closed meanwhile is replaced at once", async () => {
    let requests = 0;
    let connections = 0;
    const url = await rawServer((socket, nth) => {
      requests++;
      if (nth === 1) {
        connections++;
        socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");
      } else socket.destroy();
    });
    const intake = intakeFor(url);
    for (let i = 0; i < 3; i++) expect((await intake.post("logs", LOGS, never)).outcome).toBe("accepted");
    expect(connections).toBe(3);
    expect(requests).toBe(5);
  });

  test.each([
    ["not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", /does not speak HTTP: check DATADOG_LOGS_URL \(HPE_/],
    [
      "another protocol",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      /closed the connection/,
    ],
  ])("%s", async (_, answer, words) => {
    const url = await rawServer((socket) => socket.end(answer));
    expect(await intakeFor(url).post("logs", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: expect.stringMatching(words),
    });
  });

  test("nothing listens", async () => {
    const server = await startIntake();
    await server.stop();
    expect(await intakeFor(server.url).post("series", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: `nothing listens at 127.0.0.1:${server.port}: check DATADOG_URL and the firewall (ECONNREFUSED)`,
    });
  });

  test("a name that nobody knows", async () => {
    expect(await intakeFor("http://intake.invalid").post("series", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: expect.stringMatching(
        /^the name intake\.invalid cannot be looked up: check the network and its DNS, `getent hosts intake\.invalid` \(/,
      ),
    });
  });
});

test("an API key that no header can carry is the owner's to mend", async () => {
  const { server } = await setUp();
  const delivery = await intakeFor(server.url, { apiKey: "key\nwith a line end" }).post("logs", LOGS, never);
  expect(delivery).toEqual({
    outcome: "hold",
    status: 0,
    error: "API_KEY holds a character that no key has: check it",
  });
});

test("close ends the kept connections", async () => {
  const closed: Promise<unknown>[] = [];
  const url = await rawServer((socket) => {
    closed.push(new Promise((resolve) => socket.on("close", resolve)));
    socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");
  });
  const intake = intakeFor(url);
  await intake.post("logs", LOGS, never);
  await intake.post("series", LOGS, never);
  await intake.close();
  await Promise.all(closed);
  expect(closed.length).toBe(2);
});

function intakeFor(url: string, options: Partial<IntakeOptions> = {}): Intake {
  const intake = createIntake({
    metricsUrl: `${url}/api/v1/series`,
    logsUrl: `${url}/api/v2/logs`,
    apiKey: KEY,
    version: "1.2.3",
    requestTimeout: 10,
    ...options,
  });
  cleanUp.push(intake.close);
  return intake;
}

async function setUp(options: Partial<IntakeOptions> = {}) {
  const server = await startIntake({ apiKey: KEY });
  cleanUp.push(server.stop);
  return { server, intake: intakeFor(server.url, options) };
}

/** A server that answers with raw bytes; `answer` gets the n-th request of a connection, complete or with its first bytes. */
async function rawServer(
  answer: (socket: Socket, nth: number) => void,
  when: "complete" | "at once" = "complete",
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let received = "";
    let nth = 0;
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1]);
      const end = received.indexOf("\r\n\r\n") + 4 + length;
      if (when === "complete" && !(received.length >= end)) return;
      received = received.slice(end);
      nth++;
      answer(socket, nth);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
