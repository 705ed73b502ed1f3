import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery } from "../../../src/datadog/delivery.ts";
import type { Proxies } from "../../../src/datadog/http/proxy.ts";
import { type IntakeServer, startIntake } from "../../helpers/intake-server.ts";
import { type ProxyServer, startProxy } from "../../helpers/proxy-server.ts";
import { saying } from "../../helpers/saying.ts";

const ACCEPTED: Delivery = { outcome: "accepted", status: 202, error: "" };

let folder: string;
let tls: { key: string; cert: string };
let server: IntakeServer;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chouette-tls-"));
  const { exitCode, stderr } = Bun.spawnSync(
    [
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=intake.test"],
      ...["-addext", "subjectAltName=DNS:intake.test,DNS:localhost,IP:127.0.0.1"],
    ],
    { cwd: folder },
  );
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  tls = {
    key: readFileSync(join(folder, "key.pem"), "utf8"),
    cert: readFileSync(join(folder, "cert.pem"), "utf8"),
  };
  server = await startIntake({ tls });
});

afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

describe("TLS", () => {
  test.each(["localhost", "127.0.0.1"])(
    "a certificate for %s that is trusted, on one connection",
    async (host) => {
      const before = server.connections();
      const post = startProgram({ url: `https://${host}:${server.port}` });
      expect([await post(), await post(), await post()]).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
      expect(server.connections() - before).toBe(1);
    },
  );

  test("a certificate of an unknown authority is not trusted, and the error says how to name the authority", async () => {
    const post = startProgram({ url: `https://localhost:${server.port}`, trusted: false });
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(
        `the certificate of localhost:${server.port}`,
        "SSL_CERT_FILE=",
        "(DEPTH_ZERO_SELF_SIGNED_CERT)",
      ),
    });
  });

  test("a server that does not speak TLS is named as such", async () => {
    const plain = await startIntake();
    cleanUp.push(plain.stop);
    expect(await startProgram({ url: `https://localhost:${plain.port}` })()).toEqual({
      outcome: "retry",
      status: 0,
      error: saying(`localhost:${plain.port} does not speak TLS`, "DATADOG_LOGS_URL"),
    });
  });
});

describe("https:// through a proxy", () => {
  test("one tunnel for all requests; the name is looked up by the proxy", async () => {
    const { post, proxy } = await proxied();
    expect([await post(), await post()]).toEqual([ACCEPTED, ACCEPTED]);
    expect(proxy.requests).toEqual(["CONNECT intake.test:443"]);
  });

  test("a proxy that itself speaks TLS", async () => {
    const { post, proxy } = await proxied({ tls });
    expect([await post(), await post()]).toEqual([ACCEPTED, ACCEPTED]);
    expect(proxy.requests).toEqual(["CONNECT intake.test:443"]);
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

  test.each([
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

  test("a proxy that never answers is given up at the time limit, and asked anew", async () => {
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

  test("a proxy that is not there", async () => {
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

  test("an intake behind it that resets the connection", async () => {
    const { post } = await proxied();
    server.respond(() => "reset");
    const delivery = await post();
    server.respond(() => undefined);
    expect(delivery).toEqual({
      outcome: "retry",
      status: 0,
      error: saying("intake.test closed the connection", "(ECONNRESET)"),
    });
    expect(await post()).toEqual(ACCEPTED);
  });
});

type Program = { url: string; trusted?: boolean; requestTimeout?: number; proxy?: Proxies };

/** What `post` resolves to is a Delivery of a process that trusts the certificate of the servers here. */
function startProgram({ url, trusted = true, requestTimeout = 10, proxy }: Program) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "intake-program.ts")], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    env: {
      INTAKE_OPTIONS: JSON.stringify({ ...optionsFor(url), requestTimeout, ...(proxy && { proxy }) }),
      ...(trusted && { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") }),
    },
  });
  const lines = linesOf(child.stdout);
  cleanUp.push(async () => {
    child.stdin.end();
    expect(await child.exited).toBe(0);
  });
  return async () => {
    child.stdin.write("post\n");
    child.stdin.flush();
    return JSON.parse((await lines.next()).value ?? "null");
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

async function proxied(
  options: Parameters<typeof startProxy>[1] = {},
  userinfo = "",
  program: Partial<Program> = {},
): Promise<{ post: ReturnType<typeof startProgram>; proxy: ProxyServer }> {
  const proxy = await startProxy(server.port, options);
  cleanUp.push(proxy.stop);
  const https = `${options.tls === undefined ? "http" : "https"}://${userinfo}localhost:${proxy.port}`;
  const post = startProgram({ url: "https://intake.test", proxy: { https, no: [] }, ...program });
  return { post, proxy };
}

function optionsFor(url: string) {
  return {
    metricsUrl: `${url}/api/v1/series`,
    logsUrl: `${url}/api/v2/logs`,
    apiKey: "test-key",
    version: "1.2.3",
  };
}
