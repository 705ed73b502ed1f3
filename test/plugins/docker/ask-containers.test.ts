import { expect, test } from "bun:test";
import { hang, json, startDockerEngine } from "../../../scripts/servers/docker-engine.ts";
import { createIo } from "../../../src/io/io.ts";
import { createAskContainers } from "../../../src/plugins/docker/ask-containers.ts";
import { containerPoints } from "../../../src/plugins/docker/container-points.ts";
import { createEngine } from "../../../src/plugins/docker/engine.ts";

test("a container that is silent for too long gives its place to one that waits", async () => {
  const names = Array.from({ length: 66 }, (_, index) => `c${index}`);
  const answers = names.map((name) => [
    `/containers/${name}/stats`,
    Number(name.slice(1)) < 64 ? hang : json(200, { cpu_stats: { cpu_usage: { total_usage: 7 } } }),
  ]);
  await using server = await startDockerEngine(Object.fromEntries(answers));
  const engine = createEngine(createIo({ root: "/" }), server.socketPath);
  const ask = createAskContainers(engine, new Set(["cpu"]), () => 0, 200);

  const outcomes = await ask(
    names.map((name) => ({ id: name, name })),
    new AbortController().signal,
  );
  expect(outcomes.map(({ name, failure, now }) => [name, failure ?? now?.stats.cpuTotal])).toEqual(
    names.map((name, index) => [name, index < 64 ? "no answer in time" : 7]),
  );
});

test("the time between two readings is that of a clock which cannot be set", async () => {
  // A board without a battery for its clock: 30 s pass, and the time of day is set three days ahead.
  const readings = [
    { read: "2026-01-01T00:00:00Z", cpu_stats: { cpu_usage: { total_usage: 10_000_000_000 } } },
    { read: "2026-01-04T00:00:30Z", cpu_stats: { cpu_usage: { total_usage: 40_000_000_000 } } },
  ];
  await using server = await startDockerEngine({
    "/containers/web/stats": (response, request) => json(200, readings.shift())(response, request),
  });
  const engine = createEngine(createIo({ root: "/" }), server.socketPath);
  let now = 100;
  const wanted = new Set(["cpu_percentage"] as const);
  const ask = createAskContainers(engine, wanted, () => now);
  const points = async () => {
    const [answer] = await ask([{ id: "web", name: "web" }], new AbortController().signal);
    return answer === undefined ? [] : containerPoints(answer, wanted, 0);
  };

  expect(await points()).toEqual([]);
  now += 30;
  expect((await points()).map(({ metric, value }) => [metric, value])).toEqual([
    ["Chouette.docker.cpu.percentage", 100],
  ]);
});
