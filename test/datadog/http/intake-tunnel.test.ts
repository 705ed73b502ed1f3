import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Delivery } from "../../../src/datadog/delivery.ts";
import { type ProxyServer, startProxy } from "../../helpers/proxy-server.ts";
import { saying } from "../../helpers/saying.ts";
import { ACCEPTED, type Program, type Runtime, startTlsRig, type TlsRig } from "./tls-rig.ts";

let rig: TlsRig;
beforeAll(async () => {
  rig = await startTlsRig();
});
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

describe("https:// through a proxy", () => {
  test.each<Runtime>(["bun", "node"])(
    "all requests take one tunnel, and the proxy looks up the name (%s)",
    async (runtime) => {
      const { post, proxy } = await proxied({}, "", { runtime });
      expect([await post(), await post(), await post()]).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
      // In the first tunnel the intake's authority was not known yet.
      expect(proxy.requests).toEqual(Array(2).fill("CONNECT intake.test:443"));
    },
  );

  test.each<Runtime>(["bun", "node"])(
    "a proxy that itself speaks TLS is trusted by the same files (%s)",
    async (runtime) => {
      const { post, proxy } = await proxied({ tls: rig.tls }, "", { runtime });
      expect([await post(), await post()]).toEqual([ACCEPTED, ACCEPTED]);
      expect(proxy.requests).toEqual(["CONNECT intake.test:443"]);
    },
  );

  test("a proxy with a certificate of an unknown authority is named", async () => {
    const { post, proxy } = await proxied({ tls: rig.tls }, "", { trusted: false });
    expect((await post()).error).toEqual(
      saying(`the certificate of the proxy localhost:${proxy.port}`, "SSL_CERT_FILE="),
    );
  });

  test("user and password, and without them a hold that names the variable but not the password", async () => {
    const users = { user: "us@er", password: "pa:ss" };
    expect(await (await proxied(users, "us%40er:pa%3Ass@")).post()).toEqual(ACCEPTED);
    const { post, proxy } = await proxied(users, "us%40er:secret@");
    expect(await post()).toEqual({
      outcome: "hold",
      status: 407,
      error: saying(`the proxy localhost:${proxy.port}`, "password", "(407)", "HTTPS_PROXY"),
    });
  });

  test("a proxy that offers only NTLM is a hold that says so", async () => {
    const { post, proxy } = await proxied(
      { user: "a", password: "b", challenges: ["Negotiate", "NTLM"] },
      "a:c@",
    );
    expect(await post()).toEqual({
      outcome: "hold",
      status: 407,
      error: saying(`the proxy localhost:${proxy.port}`, "Negotiate, NTLM", "Basic", "HTTPS_PROXY"),
    });
  });

  test.each<[number, Delivery["outcome"]]>([
    [403, "hold"],
    [400, "retry"],
    [502, "retry"],
    [503, "retry"],
  ])("the proxy's own %i says nothing about the payload: %s", async (status, outcome) => {
    const { post, proxy } = await proxied();
    proxy.refuse(status);
    expect(await post()).toEqual({
      outcome,
      status,
      error: saying(`the proxy localhost:${proxy.port}`, "intake.test", `(${status})`, "HTTPS_PROXY"),
    });
    proxy.refuse(undefined);
    expect(await post()).toEqual(ACCEPTED);
  });

  test("a proxy that never answers is abandoned at the time limit and tried again", async () => {
    const { post, proxy } = await proxied({}, "", { requestTimeout: 1 });
    proxy.refuse("hang");
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(`intake.test through the proxy localhost:${proxy.port}`, "1 s"),
    });
    await proxy.deserted();
    proxy.refuse(undefined);
    expect(await post()).toEqual(ACCEPTED);
  });

  test("a proxy that does not listen", async () => {
    const { post, proxy } = await proxied();
    await proxy.stop();
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(`the proxy localhost:${proxy.port}`, "HTTPS_PROXY", "(ECONNREFUSED)"),
    });
  });

  test("a certificate for another host at the end of the tunnel", async () => {
    const { post } = await proxied({}, "", { url: "https://other.test" });
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying("other.test", "another host", "DATADOG_LOGS_URL", "(ERR_TLS_CERT_ALTNAME_INVALID)"),
    });
  });

  test("a certificate of an unknown authority at the end of the tunnel is not trusted", async () => {
    const { post } = await proxied({}, "", { trusted: false });
    expect((await post()).error).toStartWith("the certificate of intake.test is not trusted");
  });

  test("an intake behind the proxy that resets the connection", async () => {
    const { post } = await proxied();
    rig.server.respond(() => "reset");
    const delivery = await post();
    rig.server.respond(() => undefined);
    expect(delivery).toEqual({
      outcome: "retry",
      status: 0,
      error: saying("intake.test closed the connection", "(ECONNRESET)"),
      unanswered: true,
    });
    expect(await post()).toEqual(ACCEPTED);
  });
});

async function proxied(
  options: Parameters<typeof startProxy>[1] = {},
  userinfo = "",
  program: Partial<Program> = {},
): Promise<{ post: () => Promise<Delivery>; proxy: ProxyServer }> {
  const proxy = await startProxy(rig.server.port, options);
  rig.later(proxy.stop);
  const https = `${options.tls === undefined ? "http" : "https"}://${userinfo}localhost:${proxy.port}`;
  const post = rig.startProgram({ url: "https://intake.test", proxy: { https, no: [] }, ...program });
  return { post, proxy };
}
