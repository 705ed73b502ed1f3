import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "../../../scripts/servers/docker-engine.ts";
import { half, hang, json, plain, startDockerEngine } from "../../../scripts/servers/docker-engine.ts";
import { type Env, readVariables } from "../../../src/config/variable.ts";
import { PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { docker } from "../../../src/plugins/docker/docker.ts";
import type { Io } from "../../../src/plugins/plugin.ts";

/** Against an engine on a real socket, through the real Io; what the figures mean is in test/fixtures/docker. */
const AT = 1_700_000_000.25;
const io = createIo({ root: "/" });

test("requests the list and one reading of each container, in paths without a version", async () => {
  await using engine = await startDockerEngine(
    running({ web: json(200, stats(1)), db: json(200, stats(2)) }),
  );
  expect(await collect(engine.socketPath)).toEqual({
    points: [...points("web", 1), ...points("db", 2)],
  });
  expect(engine.requests).toEqual([
    "/containers/json",
    "/containers/web/stats?stream=false&one-shot=true",
    "/containers/db/stats?stream=false&one-shot=true",
  ]);
});

test("at most sixty-four containers are queried at once", async () => {
  const names = Array.from({ length: 80 }, (_, index) => `c${index}`);
  let gate: Promise<void> | undefined;
  const answers = running(
    Object.fromEntries(
      names.map((name): [string, Answer] => [
        name,
        (response, request) => void gate?.then(() => json(200, stats(3))(response, request)),
      ]),
    ),
  );
  await using engine = await startDockerEngine(answers);
  gate = engine.underWay(64);
  const capture = await collect(engine.socketPath);
  expect(capture).toEqual({ points: names.flatMap((name) => points(name, 3)) });
  expect(engine.mostAtOnce()).toBe(64);
});

test("at the deadline silent containers are left out, the points of the others stay", async () => {
  const silent = Array.from({ length: 8 }, (_, index): [string, Answer] => [`c${index}`, hang]);
  await using engine = await startDockerEngine(
    running({ ...Object.fromEntries(silent), c8: json(200, stats(8)), c9: json(200, stats(9)) }),
  );
  const { world, signal } = deadlineAfter("c8", "c9");
  expect(await collect(engine.socketPath, {}, world, signal)).toEqual({
    points: [...points("c8", 8), ...points("c9", 9)],
    reason:
      "could not read c0 (no answer in time), c1 (no answer in time), c2 (no answer in time) and 5 more",
  });
});

test("containers that were not queried in a capture come first in the next one", async () => {
  const silent = Array.from({ length: 64 }, (_, index): [string, Answer] => [`c${index}`, hang]);
  await using engine = await startDockerEngine(
    running({ ...Object.fromEntries(silent), c64: json(200, stats(4)), c65: json(200, stats(5)) }),
  );
  const { world, signal } = deadlineAfter("c64", "c65");
  const collector = create(engine.socketPath, {}, world);
  const early = new AbortController();
  const first = collector.collect(AT, early.signal);
  await engine.underWay(64);
  early.abort();
  expect(await failure(first)).toContain("and 63 more");
  expect((await collector.collect(AT, signal)).points).toEqual([...points("c64", 4), ...points("c65", 5)]);
});

describe("a failing container affects no other", () => {
  test.each<[string, Answer, string | undefined]>([
    ["gone since the list", json(404, { message: "No such container: odd" }), undefined],
    ["being removed", json(409, { message: "container is marked for removal" }), undefined],
    ["Podman's bare 404", plain(404, ""), undefined],
    ["Podman's empty answer for one that has just ended", plain(200, ""), undefined],
    [
      "the all-zero answer for one that does not run",
      json(200, { ...stats(0), read: "0001-01-01T00:00:00Z" }),
      undefined,
    ],
    ["an empty object", json(200, {}), undefined],
    ["no object at all", json(200, null), undefined],
    [
      "an error of the engine",
      json(500, { message: "cannot read cgroup" }),
      "status 500: cannot read cgroup",
    ],
    ["an error without words", plain(502, "<html>Bad Gateway</html>"), "status 502"],
    ["no JSON", plain(200, "<html>"), "the answer (status 200, 6 characters) is not JSON"],
    ["half an answer", half, "the connection was closed before the answer was complete"],
  ])("%s", async (_case, answer, why) => {
    await using engine = await startDockerEngine(running({ odd: answer, well: json(200, stats(5)) }));
    expect(await collect(engine.socketPath)).toEqual({
      points: points("well", 5),
      ...(why === undefined ? {} : { reason: `could not read odd (${why})` }),
    });
  });
});

test("counters are sent although the number of restarts cannot be had", async () => {
  await using engine = await startDockerEngine({
    ...running({ web: json(200, stats(1)) }),
    "/containers/web/json": half,
  });
  expect(await collect(engine.socketPath, { DOCKER_METRICS: "memory, restarts" })).toEqual({
    points: points("web", 1).slice(0, 1),
    reason: "could not read web (the connection was closed before the answer was complete)",
  });
});

describe("names of containers", () => {
  test.each([
    [["/web"], "web"],
    [["/proxy/backend", "/web"], "web"],
    [["web"], "web"],
    [["/Größe & mehr"], "Größe & mehr"],
    [[], "0123456789ab"],
    [["/"], "0123456789ab"],
    [null, "0123456789ab"],
    [[7, null], "0123456789ab"],
  ])("%j gives %s", async (Names, name) => {
    const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    await using engine = await startDockerEngine({
      "/containers/json": json(200, [{ Id: id, Names }, { Names: ["/without-id"] }, null, 3, { Id: "" }]),
      [`/containers/${id}/stats`]: json(200, stats(1)),
    });
    expect(await collect(engine.socketPath)).toEqual({ points: points(name, 1) });
  });

  test("an id cannot lead to another path", async () => {
    await using engine = await startDockerEngine({ "/containers/json": json(200, [{ Id: "../x?y=#z" }]) });
    expect(await collect(engine.socketPath)).toEqual({ points: [] });
    expect(engine.requests[1]).toBe("/containers/..%2Fx%3Fy%3D%23z/stats?stream=false&one-shot=true");
  });
});

describe("a failed list rejects", () => {
  test.each<[string, Answer, string]>([
    ["hello of something else", json(200, { hello: "world" }), "the answer is not a list of containers"],
    ["a 404", json(404, {}), "the answer is not a list of containers"],
    ["an error of the engine", json(500, { message: "no such file" }), "status 500: no such file"],
    ["a proxy's refusal", plain(403, "Forbidden"), "status 403"],
    ["an old API version", plain(400, "client version 1.24 is too old."), "status 400"],
    ["half a list", half, "the connection was closed before the answer was complete"],
    [
      "a list beyond all measure",
      plain(200, `["${"x".repeat(8 * 1024 * 1024)}"]`),
      "the answer is longer than 8 MiB",
    ],
  ])("%s", async (_case, answer, why) => {
    await using engine = await startDockerEngine({ "/containers/json": answer });
    expect(await failure(collect(engine.socketPath))).toBe(`${engine.socketPath}: ${why}`);
  });

  test("a silent engine, until the deadline", async () => {
    await using engine = await startDockerEngine({ "/containers/json": hang });
    const deadline = new AbortController();
    const capture = collect(engine.socketPath, {}, io, deadline.signal);
    await engine.underWay(1);
    deadline.abort(new DOMException("", "TimeoutError"));
    expect(await failure(capture)).toBe(`${engine.socketPath}: no answer in time`);
  });

  test("a missing socket is not a failure, a socket without an engine is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chouette-docker-"));
    try {
      const missing = join(folder, "none.sock");
      expect((await collect(missing)).reason).toBe(`no Docker here (no ${missing})`);
      const stale = join(folder, "stale.sock");
      writeFileSync(stale, "");
      expect(await failure(collect(stale))).toBe(`${stale}: connection refused, nothing listens there`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("variables: every group is known by its name, others are named in the error", () => {
  const all = '["memory","cpu","raw","network","io","restarts","cpu_percentage"]';
  expect(readVariables(docker.variables, { DOCKER_METRICS: all }).values.metrics).toEqual(JSON.parse(all));
  expect(readVariables(docker.variables, { DOCKER_METRICS: "memory,disk" }).issues).toEqual([
    'DOCKER_METRICS: got "disk", expects a list of memory, cpu, raw, network, io, restarts, cpu_percentage',
  ]);
});

function create(socketPath: string, env: Env = {}, world = io) {
  const { values } = readVariables(docker.variables, { DOCKER_SOCKET_PATH: socketPath, ...env });
  return docker.create(values, world, { captureInterval: 30, hostRoot: "/" });
}

function collect(socketPath: string, env: Env = {}, world = io, signal = new AbortController().signal) {
  return create(socketPath, env, world).collect(AT, signal);
}

/** A world, and the signal that aborts as soon as those containers have told their stats in it. */
function deadlineAfter(...containers: string[]): { world: Io; signal: AbortSignal } {
  const deadline = new AbortController();
  const silent = new Set(containers);
  return {
    signal: deadline.signal,
    world: {
      ...io,
      async getJson(request, signal) {
        const answer = await io.getJson(request, signal);
        silent.delete(/containers\/(\w+)\/stats/.exec(request.url)?.[1] ?? "");
        if (silent.size === 0) deadline.abort(new DOMException("", "TimeoutError"));
        return answer;
      },
    },
  };
}

async function failure(capture: Promise<unknown>): Promise<string> {
  const error = await capture.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PluginError);
  return (error as PluginError).message;
}

/** The list of containers whose id is their name, and what they answer when asked for their stats. */
function running(containers: Readonly<Record<string, Answer>>): Parameters<typeof startDockerEngine>[0] {
  const list = Object.keys(containers).map((name) => ({ Id: name, Names: [`/${name}`], State: "running" }));
  const asked = Object.entries(containers).map(([name, answer]) => [`/containers/${name}/stats`, answer]);
  return { "/containers/json": json(200, list), ...Object.fromEntries(asked) };
}

function stats(value: number) {
  return {
    read: "2026-11-22T14:28:13.697057252Z",
    cpu_stats: { cpu_usage: { total_usage: value * 1000 } },
    memory_stats: { usage: value * 10, stats: { inactive_file: value } },
  };
}

function points(container: string, value: number) {
  const point = { tags: [`container:${container}`], timestamp: 1_700_000_000, type: "gauge" as const };
  return [
    { ...point, metric: "Chouette.docker.memory.usage", value: value * 9 },
    { ...point, metric: "Chouette.docker.cpu.usage", value: value * 1000 },
  ];
}
