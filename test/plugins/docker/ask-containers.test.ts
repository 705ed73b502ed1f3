import { afterEach, expect, jest, spyOn, test } from "bun:test";
import { hang, json, startDockerEngine } from "../../../scripts/servers/docker-engine.ts";
import { createIo } from "../../../src/io/io.ts";
import { createAskContainers } from "../../../src/plugins/docker/ask-containers.ts";
import { createEngine } from "../../../src/plugins/docker/engine.ts";

afterEach(() => {
  jest.useRealTimers();
});

test("a container that is silent for too long gives its place to one that waits", async () => {
  const names = Array.from({ length: 66 }, (_, index) => `c${index}`);
  const answers = names.map((name) => [
    `/containers/${name}/stats`,
    Number(name.slice(1)) < 64 ? hang : json(200, { cpu_stats: { cpu_usage: { total_usage: 7 } } }),
  ]);
  await using server = await startDockerEngine(Object.fromEntries(answers));
  const engine = createEngine(createIo({ root: "/" }), server.socketPath);
  const ask = createAskContainers(engine, new Set(["cpu"]));

  const { signal } = new AbortController();
  const listeners = spyOn(signal, "addEventListener");
  jest.useFakeTimers();
  const asked = ask(
    names.map((name) => ({ id: name, name })),
    signal,
  );
  await server.underWay(64);
  jest.advanceTimersByTime(4000);
  const outcomes = await asked;
  expect(outcomes.map(({ name, failure, stats }) => [name, failure ?? stats?.cpuTotal])).toEqual(
    names.map((name, index) => [name, index < 64 ? "no answer in time" : 7]),
  );
  expect(listeners).toHaveBeenCalledTimes(1);
});
