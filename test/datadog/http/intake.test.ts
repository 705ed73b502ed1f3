import { afterEach, describe, expect, test } from "bun:test";
import { compress } from "../../../src/datadog/payload.ts";
import { saying } from "../../helpers/saying.ts";
import { cleanUp, intakeFor, KEY, LOGS, never, rawServer, setUp } from "./intake-rig.ts";

afterEach(cleanUp);

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

describe("an answer other than an intake's says what to do", () => {
  test.each([
    [400, "bisect", ["HOST", "(400)", "it said: no"]],
    [401, "hold", ["HOST", "(401)", "API_KEY", "DD_SITE", "it said: no"]],
    [403, "hold", ["HOST", "(403)", "API_KEY", "DD_SITE", "it said: no"]],
    [404, "hold", ["HOST", "/api/v2/logs", "(404)", "DATADOG_LOGS_URL", "it said: no"]],
    [408, "retry", ["HOST", "(408)", "it said: no"]],
    [413, "halve", ["too large", "HOST", "(413)", "it said: no"]],
    [418, "hold", ["HOST", "/api/v2/logs", "(418)", "DATADOG_LOGS_URL", "proxy", "it said: no"]],
    [500, "retry", ["HOST", "(500)", "it said: no"]],
  ])("%i", async (status, outcome, parts) => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status, body: "no" }));
    const host = `127.0.0.1:${server.port}`;
    expect(await intake.post("logs", LOGS, never)).toEqual({
      outcome: outcome as "hold",
      status,
      error: saying(...parts.map((part) => part.replace("HOST", host))),
    });
  });

  test.each([
    [200, "text/html; charset=utf-8", "<html>Welcome to the hotel</html>"],
    [203, "application/json", "{}"],
  ])("a login page or another web server is a hold (%i %s)", async (status, type, body) => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status, body, headers: { "Content-Type": type } }));
    expect(await intake.post("series", LOGS, never)).toEqual({
      outcome: "hold",
      status,
      error: saying(
        `127.0.0.1:${server.port}`,
        `${status} with ${type.split(";")[0]}`,
        "captive portal",
        "DATADOG_URL",
        body,
      ),
    });
  });

  test("429 with the seconds to wait", async () => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status: 429, headers: { "X-RateLimit-Reset": "17" } }));
    expect(await intake.post("series", LOGS, never)).toEqual({
      outcome: "retry",
      status: 429,
      error: saying(`127.0.0.1:${server.port}`, "(429)"),
      retryAfter: 17,
    });
  });

  test.each([
    [301, "https://user:pw@elsewhere.example/intake?api_key=secret#x", "https://elsewhere.example/intake"],
    [307, "/login?next=secret", "http://HOST/login"],
    [308, "http://[", "no valid address"],
    [304, undefined, "no valid address"],
  ])("a redirect is not followed (%i to %s)", async (status, location, shown) => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status, headers: location === undefined ? {} : { Location: location } }));
    const host = `127.0.0.1:${server.port}`;
    const { error, ...delivery } = await intake.post("series", LOGS, never);
    expect(delivery).toEqual({ outcome: "hold", status });
    expect(error).toEqual(
      saying(host, shown.replace("HOST", host), `(${status})`, "not followed", "DATADOG_URL"),
    );
    expect(error).not.toMatch(/secret|pw@/);
    expect(server.requests.length).toBe(1);
  });

  test("shows at most 200 characters of the server's text on one line, without control characters", async () => {
    const { server, intake } = await setUp();
    server.respond(() => ({ status: 500, body: `\u001b[31m<html>\r\n\t\u202e${"😀".repeat(500)}` }));
    const { error } = await intake.post("series", LOGS, never);
    expect(error).toEndWith(`; it said: [31m<html> ${"😀".repeat(189)}`);
  });

  test.each([0, 150, 185, 195, 1000])("never shows the API key, wherever it stands (%i)", async (before) => {
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

test("an API key that no header can carry is a hold", async () => {
  const { server } = await setUp();
  const delivery = await intakeFor(server.url, { apiKey: "key\nwith a line end" }).post("logs", LOGS, never);
  expect(delivery).toEqual({
    outcome: "hold",
    status: 0,
    error: saying("API_KEY"),
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
