import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { importFiles } from "../../scripts/dashboards/import-files.ts";
import { blocksIn } from "../helpers/readmes.ts";

/** The command of the README, with a server that answers as Datadog's API does. */
const [{ text: COMMAND = "" } = {}] = blocksIn("scripts/dashboards/README.md", ["sh"]);
const API_KEY = "0123456789abcdef0123456789abcdef";
const APP_KEY = "fedcba9876543210fedcba9876543210fedcba98";

let server: Server;
let seen: { call: string; body: string; keys: unknown[] }[] = [];
let answers: Record<string, { status?: number; body?: unknown }> = {};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const call = `${request.method} ${request.url}`;
    seen.push({ call, body, keys: [request.headers["dd-api-key"], request.headers["dd-application-key"]] });
    const { status = 200, body: answer = {} } = answers[call] ?? {};
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(() => void server.close());
beforeEach(() => {
  seen = [];
  answers = {};
});

function run({ apiKey = API_KEY, appKey = APP_KEY } = {}) {
  const { port } = server.address() as AddressInfo;
  const command = COMMAND.replace("API_KEY=…", `API_KEY=${apiKey}`).replace("APP_KEY=…", `APP_KEY=${appKey}`);
  const options = {
    cwd: join(import.meta.dir, "../.."),
    env: { PATH: process.env.PATH, DD_API_URL: `http://127.0.0.1:${port}` },
  };
  return new Promise<{ code: number; stdout: string; stderr: string }>((ended) => {
    execFile("sh", ["-c", command], options, (error, stdout, stderr) =>
      ended({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const files = importFiles();
const monitors = (files["datadog-monitors.jsonl"] ?? "").trim().split("\n");

test("creates the dashboard and every monitor, and describes every metric", async () => {
  const { code, stdout, stderr } = await run();
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toStartWith(
    "dashboard created: Chouette: devices\nmonitor created: Chouette: {{host.name}} is silent\n",
  );
  expect(new Set(seen.flatMap(({ keys }) => keys))).toEqual(new Set([API_KEY, APP_KEY]));
  const posted = seen.filter(({ call }) => call === "POST /api/v1/monitor").map(({ body }) => body);
  expect(posted).toEqual(monitors);
  const created = seen.find(({ call }) => call === "POST /api/v1/dashboard")?.body ?? "";
  expect(JSON.parse(created)).toEqual(JSON.parse(files["datadog-dashboard.json"] ?? ""));
  expect(seen.find(({ call }) => call === "PUT /api/v1/metrics/Chouette.host.memory.used")).toMatchObject({
    body: '{"description":"bytes, without page cache","unit":"byte"}',
  });
});

test("leaves alone what has the same name already", async () => {
  answers = {
    "GET /api/v1/dashboard": { body: { dashboards: [{ id: "abc-def", title: "Chouette: devices" }] } },
    "GET /api/v1/monitor?monitor_tags=chouette": { body: monitors.map((monitor) => JSON.parse(monitor)) },
  };
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toContain("dashboard exists: Chouette: devices\n");
  expect(seen.filter(({ call }) => call.startsWith("POST"))).toEqual([]);
});

test("a metric that Datadog has not seen yet is described by a later run", async () => {
  answers = { "PUT /api/v1/metrics/Chouette.host.memory.used": { status: 404 } };
  const total = (files["datadog-metrics.jsonl"] ?? "").trim().split("\n").length;
  expect((await run()).stdout).toContain(`metrics described: ${total - 1} of ${total}`);
});

test("a refused key ends it with what to check, and is not printed", async () => {
  answers = { "GET /api/v1/dashboard": { status: 403, body: { errors: ["Forbidden"] } } };
  const { code, stdout, stderr } = await run();
  expect(code).not.toBe(0);
  expect(stderr).toContain("Check DD_SITE and the permissions of DD_APP_KEY");
  expect(stdout + stderr).not.toContain(API_KEY);
  expect(stdout + stderr).not.toContain(APP_KEY);
});

test("without a key nothing is asked", async () => {
  const { code, stderr } = await run({ appKey: "" });
  expect(code).not.toBe(0);
  expect(stderr).toContain("DD_APP_KEY: an application key");
  expect(seen).toEqual([]);
});
