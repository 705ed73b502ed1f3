import { afterEach, describe, expect, test } from "bun:test";
import { startIntake } from "../../../scripts/servers/intake.ts";
import { saying } from "../../helpers/saying.ts";
import { cleanUp, intakeFor, LOGS, never, rawServer, setUp } from "./intake-rig.ts";

afterEach(cleanUp);

describe("once there is a status line, it decides", () => {
  test("a 2xx with a truncated body has accepted the payload", async () => {
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

  test("only the beginning of a body of 200 MB is read", async () => {
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
    expect((await intakeFor(url).post("logs", LOGS, never)).outcome).toBe("hold");
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
      error: saying(`127.0.0.1:${server.port}`, "no progress for 0.1 s"),
      unanswered: true,
    });
    server.respond(() => undefined);
    expect((await intake.post("logs", LOGS, never)).outcome).toBe("accepted");
  });

  test("a request that waits for the connection of another has its own time limit", async () => {
    const { server, intake } = await setUp({ requestTimeout: 0.1 });
    server.respond(() => "hang");
    const posts = [intake.post("logs", LOGS, never), intake.post("logs", LOGS, never)];
    expect((await Promise.all(posts)).map(({ outcome, status }) => [outcome, status])).toEqual([
      ["retry", 0],
      ["retry", 0],
    ]);
  });

  test("the signal ends it while the server is silent", async () => {
    const { server, intake } = await setUp();
    const stop = new AbortController();
    server.respond(() => {
      stop.abort();
      return "hang";
    });
    const error = saying(`127.0.0.1:${server.port}`);
    const retry = { outcome: "retry", status: 0, error } as const;
    expect(await intake.post("logs", LOGS, stop.signal)).toEqual({ ...retry, unanswered: true });
    expect(await intake.post("logs", LOGS, stop.signal)).toEqual(retry);
    expect(server.requests.length).toBe(1);
  });

  test("a fresh connection that is reset is not tried again at once", async () => {
    const { server, intake } = await setUp();
    server.respond(() => "reset");
    expect(await intake.post("logs", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(`127.0.0.1:${server.port} closed the connection`, "(ECONNRESET)"),
      unanswered: true,
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
    expect(await intakeFor(url).post("logs", LOGS, never)).toMatchObject({
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
      error: saying(`127.0.0.1:${server.port}`, "DATADOG_URL", "(ECONNREFUSED)"),
    });
  });

  test("an unknown name", async () => {
    expect(await intakeFor("http://intake.invalid").post("series", LOGS, never)).toEqual({
      outcome: "retry",
      status: 0,
      error: saying("intake.invalid", "`getent hosts intake.invalid`"),
    });
  });
});
