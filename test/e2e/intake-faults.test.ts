import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { type Reply, startIntake } from "../../scripts/servers/intake.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, KEY, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

const RAW = "chouette:metrics:raw";

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
});
afterEach(cleanUp);

/** Writes that many counts of 1, all of which must arrive. */
async function measure(written: number): Promise<void> {
  const timestamp = Date.now() / 1000;
  await stage.queues.write(
    RAW,
    Array.from({ length: written }, () =>
      rawRecord({ metric: "my.count", type: "count", value: 1, timestamp, tags: {} }),
    ),
  );
}

test.each<[string, Reply]>([
  ["never answers", "hang"],
  ["answers half a status line", "half"],
  ["accepts everything and closes without an answer", "lost"],
  ["breaks off within its answer", "cut"],
  ["is overloaded", { status: 503 }],
  ["answers 429 with Retry-After", { status: 429, headers: { "retry-after": "1" } }],
])("an agent whose intake %s sends every measurement once after the intake recovers", async (_, reply) => {
  const { intake, env } = stage;
  intake.respond(() => reply);
  const agent = await startAgent(["run"], env);
  await measure(10);
  await arrived(stage, agent, () => intake.requests.length > 0);
  await measure(20);
  intake.respond(() => undefined);
  await arrived(stage, agent, () => intake.sumOf("my.count") === 30);
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect([intake.sumOf("my.count"), intake.conflicts]).toEqual([30, []]);
});

test("an intake that never answers does not keep the agent from stopping", async () => {
  const { intake, env } = stage;
  intake.respond(() => "hang");
  const agent = await startAgent(["run"], { ...env, RELEASE_INTERVAL: "2" });
  await measure(1);
  await arrived(stage, agent, () => intake.requests.length > 0);
  const begin = performance.now();
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect(performance.now() - begin).toBeLessThan(10_000);
  intake.respond(() => undefined);
  expect((await runAgent(["flush"], env)).code).toBe(0);
  expect(intake.sumOf("my.count")).toBe(1);
});

test.each([301, 302, 307, 308])(
  "a redirect (%d) is reported, not followed, and nothing is lost",
  async (status) => {
    const { intake, env } = stage;
    const elsewhere = await startIntake({ apiKey: KEY });
    intake.respond(({ path }) => ({ status, headers: { location: `${elsewhere.url}${path}` } }));
    await measure(1);
    const { code, stdout } = await runAgent(["flush", "--json"], env);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { remaining: { metrics: 1 }, outcome: "failed" }]);
    expect(JSON.parse(stdout).errors).toEqual([
      expect.stringMatching(new RegExp(`${elsewhere.url}/api/v1/series.*${status}`)),
    ]);
    expect(elsewhere.connections()).toBe(0);
    await elsewhere.stop();
    intake.respond(() => undefined);
    expect((await runAgent(["flush"], env)).code).toBe(0);
    expect(intake.sumOf("my.count")).toBe(1);
  },
);

describe("an intake with an endless answer", () => {
  const CHUNK = Buffer.alloc(65_536, "x");
  const MOST = 200e6;
  /** Bytes that an agent has resident at most; most of them are pages of the executable. */
  const USUAL = 70e6;
  const head = (status: string) => `HTTP/1.1 ${status}\r\nContent-Length: ${MOST}\r\n\r\n`;

  test.each([
    ["202 Accepted", 1, 1],
    ["400 Bad Request", 1, 1],
    ["500 Internal Server Error", 1, 1],
  ])("%s and 200 MB", async (status, code, remaining) => {
    await measure(1);
    const server = await talker(head(status), () => CHUNK);
    const words = ["flush", "--json", "--timeout", "5"];
    const ended = await runAgent(words, { ...stage.env, DATADOG_URL: server.url });
    expect([ended.code, JSON.parse(ended.stdout).remaining.metrics]).toEqual([code, remaining]);
    expect(server.sent()).toBeLessThan(MOST / 4);
    server.stop();
  });

  test.each([
    ["a body", head("500 Internal Server Error"), () => CHUNK],
    [
      "chunks of a body",
      "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n",
      () => Buffer.from("fffffff\r\n"),
    ],
    ["header lines", "HTTP/1.1 202 Accepted\r\n", () => Buffer.from(`X-Filler: ${"x".repeat(10_000)}\r\n`)],
    ["one header line", "HTTP/1.1 202 Accepted\r\nX-Filler: ", () => CHUNK],
    ["a status line", "HTTP/1.1 202 ", () => CHUNK],
  ])(
    "%s: the agent needs no more memory than usual, and does the rest of its work",
    async (_, first, more) => {
      const { queues, intake, env } = stage;
      const server = await talker(first, more);
      await queues.write("chouette:logs:wrapped", [
        { key: "log", at: Date.now() / 1000, body: '{"message":"hello"}' },
      ]);
      await measure(1);
      const agent = await startAgent(["run"], { ...env, DATADOG_URL: server.url });
      await server.met(2);
      await arrived(stage, agent, () => intake.logs.length === 1);
      expect(peakMemory(agent.pid)).toBeLessThan(1.5 * USUAL);
      agent.kill("SIGTERM");
      expect((await agent.ended).code).toBe(0);
      server.stop();
    },
  );
});

/** A server that answers every request with `first`, then with `more` until the client closes, 200 MB at most. */
async function talker(first: string, more: () => Buffer) {
  const sockets = new Set<Socket>();
  let sent = 0;
  let requests = 0;
  let onRequest = () => {};
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => {
      requests++;
      onRequest();
      socket.write(first);
      let here = 0;
      const talk = () => {
        while (!socket.destroyed && here < 200e6) {
          const chunk = more();
          here += chunk.length;
          sent += chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on("drain", talk);
      talk();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/api`,
    sent: () => sent,
    /** Resolves after that many requests. */
    met: (number: number) =>
      new Promise<void>((resolve) => {
        onRequest = () => requests >= number && resolve();
        onRequest();
      }),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The peak resident memory of a process, in bytes. */
function peakMemory(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
