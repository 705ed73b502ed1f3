import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery } from "../../../src/datadog/delivery.ts";
import type { Proxies } from "../../../src/datadog/http/proxy.ts";
import { type IntakeServer, startIntake } from "../../helpers/intake-server.ts";
import { type ProxyServer, startProxy } from "../../helpers/proxy-server.ts";

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

  test("a certificate that nobody vouches for", async () => {
    const post = startProgram({ url: `https://localhost:${server.port}`, trusted: false });
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error: `the certificate of localhost:${server.port} is not trusted: check the clock, \`timedatectl\`; behind a proxy that opens TLS, name its CA with NODE_EXTRA_CA_CERTS=/path/ca.pem (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    });
  });

  test("a server that does not speak it", async () => {
    const plain = await startIntake();
    cleanUp.push(plain.stop);
    expect(await startProgram({ url: `https://localhost:${plain.port}` })()).toEqual({
      outcome: "retry",
      status: 0,
      error: expect.stringMatching(
        /^localhost:\d+ does not speak TLS: is it http:\/\/ or https:\/\/ in DATADOG_LOGS_URL\? \(/,
      ),
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
      error: `the proxy localhost:${proxy.port} does not know who asks (407): check user and password in HTTPS_PROXY`,
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
      error: `the proxy localhost:${proxy.port} does not connect to intake.test (${status}): check HTTPS_PROXY, and what the proxy permits`,
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
      error: `intake.test through the proxy localhost:${proxy.port} did not answer within 1 s: check the network and its speed`,
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
      error: `nothing listens at the proxy localhost:${proxy.port}: check HTTPS_PROXY and the firewall (ECONNREFUSED)`,
    });
  });

  test("a certificate for another host at the end of the tunnel", async () => {
    const { post } = await proxied({}, "", { url: "https://other.test" });
    expect(await post()).toEqual({
      outcome: "retry",
      status: 0,
      error:
        "other.test shows the certificate of another host: check DATADOG_LOGS_URL (ERR_TLS_CERT_ALTNAME_INVALID)",
    });
  });

  test("a certificate that nobody vouches for at the end of the tunnel", async () => {
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
      error: "intake.test closed the connection before it answered (ECONNRESET)",
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
