import { afterEach, describe, expect, test } from "bun:test";
import { startIntake } from "../../../scripts/servers/intake.ts";
import { intakeUrls } from "../../../src/config/intake-urls.ts";
import type { Delivery } from "../../../src/datadog/delivery.ts";
import { createIntake } from "../../../src/datadog/http/intake.ts";
import type { Proxies } from "../../../src/datadog/http/proxy.ts";
import { compress } from "../../../src/datadog/payload.ts";
import { startProxy } from "../../helpers/proxy-server.ts";
import { saying } from "../../helpers/saying.ts";
import { cleanUp, rawServer } from "./intake-rig.ts";

const ACCEPTED: Delivery = { outcome: "accepted", status: 202, error: "" };
const EMPTY = compress(new TextEncoder().encode("[]"));

const started: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of started.splice(0)) await end();
  await cleanUp();
});

describe("http:// through a proxy", () => {
  test("sends the whole URL to the proxy", async () => {
    const { post, proxy, plain } = await forwarded();
    expect([await post(), await post()]).toEqual([ACCEPTED, ACCEPTED]);
    expect(proxy.requests).toEqual(Array(2).fill("POST http://intake.test/api/v2/logs"));
    expect(plain.requests[0]?.headers).toMatchObject({ host: "intake.test", "dd-api-key": "test-key" });
    expect(plain.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("407 names the variable", async () => {
    const { post, proxy } = await forwarded({ user: "a", password: "b" });
    expect(await post()).toEqual({
      outcome: "hold",
      status: 407,
      error: saying(
        `the proxy localhost:${proxy.port}`,
        "password",
        "(407)",
        "HTTP_PROXY",
        "it said: refused by the proxy",
      ),
    });
    expect(await (await forwarded({ user: "a", password: "b" }, "a:b@")).post()).toEqual(ACCEPTED);
  });

  test.each([[["NTLM"]], [["Negotiate", "NTLM"]], [['Digest realm="Basic, or not", qop="auth", nonce="n"']]])(
    "a proxy that offers only another login than Basic is a hold that says so (%j)",
    async (challenges) => {
      const { post, proxy } = await forwarded({ user: "a", password: "other", challenges }, "a:b@");
      expect(await post()).toEqual({
        outcome: "hold",
        status: 407,
        error: saying(
          `the proxy localhost:${proxy.port} accepts only`,
          challenges.map((challenge) => challenge.split(" ")[0]).join(", "),
          "(407)",
          "Basic",
          "HTTP_PROXY",
        ),
      });
    },
  );

  test("a proxy that offers Basic among others names the user and password of the variable", async () => {
    const challenges = ["NTLM", 'basic realm="x"'];
    const { post } = await forwarded({ user: "a", password: "b", challenges }, "a:wrong@");
    expect((await post()).error).toEqual(saying("refused the user and password (407)", "HTTP_PROXY"));
    const without = await forwarded({ user: "a", password: "b", challenges });
    expect((await without.post()).error).toEqual(saying("(407)", "HTTP_PROXY=http://USER:PASSWORD@"));
  });

  test.each([
    ["the header", (header: string) => header],
    ["the header without its padding", (header: string) => header.replace(/=+$/, "")],
    ["user and password", () => "us@er:p:ä ss"],
    ["both as in the URL", () => "us%40er:p%3A%C3%A4%20ss"],
    ["the password", () => "p:ä ss"],
    ["the password as in the URL", () => "p%3A%C3%A4%20ss"],
  ])("what it echoes of its own credentials is hidden: %s", async (_, echo) => {
    const url = await rawServer((socket, _nth, request) => {
      const header = /^proxy-authorization: (.*)$/im.exec(request)?.[1]?.trim() ?? "";
      const body = Buffer.from(`you sent ${echo(header)}, no`);
      socket.write(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    const { port } = new URL(url);
    const http = `http://us%40er:p%3A%C3%A4%20ss@127.0.0.1:${port}`;
    const { error } = await inProcess("http://intake.test", { http, no: [] })();
    expect(error).toMatch(/^intake\.test .*\(502\); it said: you sent (Basic )?\[proxy password\], no$/);
  });

  test("a proxy that does not listen", async () => {
    const { post, proxy } = await forwarded();
    await proxy.stop();
    expect((await post()).error).toEqual(
      saying(`the proxy localhost:${proxy.port}`, "HTTP_PROXY", "(ECONNREFUSED)"),
    );
  });

  test("this machine is reached without the proxy", async () => {
    const { proxy, plain } = await forwarded();
    const http = `http://localhost:${proxy.port}`;
    const post = inProcess(`http://127.0.0.1:${plain.port}`, { http, no: [] });
    expect(await post()).toEqual(ACCEPTED);
    expect(proxy.requests).toEqual([]);
  });
});

async function forwarded(options: Parameters<typeof startProxy>[1] = {}, userinfo = "") {
  const plain = await startIntake();
  const proxy = await startProxy(plain.port, options);
  started.push(plain.stop, proxy.stop);
  const http = `http://${userinfo}localhost:${proxy.port}`;
  return { post: inProcess("http://intake.test", { http, no: [] }), proxy, plain };
}

function inProcess(url: string, proxy: Proxies) {
  const intake = createIntake({
    urls: intakeUrls({ metrics: `${url}/api`, logs: url }, { metrics: 1, logs: 2 }),
    apiKey: "test-key",
    version: "1.2.3",
    requestTimeout: 10,
    proxy,
  });
  started.push(intake.close);
  return () => intake.post("logs", EMPTY, new AbortController().signal);
}
