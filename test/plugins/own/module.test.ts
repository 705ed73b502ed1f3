import { afterAll, describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { loadOwnPlugin, type World } from "../../../src/plugins/own/module.ts";
import type { Capture, Collector } from "../../../src/plugins/plugin.ts";
import { settings } from "../../helpers/plugin-settings.ts";

const AT = 1_700_000_000.25;
const SECOND = 1_700_000_000;
const MAX_POINTS = 2000;
const PATH = "/etc/chouette/attic.js";
const REMEDY = expect.stringMatching(new RegExp(`: chouette test-plugins ${PATH}$`));
const EXAMPLES = join(import.meta.dir, "..", "..", "fixtures", "own-plugins");
const machine = createIo({ root: join(EXAMPLES, "machine") });
const importModule = (path: string): Promise<unknown> => import(path);

describe("the README's examples", () => {
  test("thermometer.js", async () => {
    expect(await collect(example("thermometer.js"))).toEqual({
      points: [
        gaugePoint("room.temperature", 21.562, ["sensor:28-0316a2794ff1"]),
        gaugePoint("room.temperature", -0.5, ["sensor:28-0416c0d1e2ff"]),
      ],
    });
  });

  test("wifi.ts", async () => {
    expect(await collect(example("wifi.ts"))).toEqual({
      points: [gaugePoint("wifi.signal", -52, ["iface:wlan0"])],
    });
  });

  test("have a reason on a machine without the device", async () => {
    const bare = createIo({ root: join(EXAMPLES, "no-such-machine") });
    for (const name of ["thermometer.js", "wifi.ts"])
      expect(await collect(example(name, bare))).toEqual({
        points: [],
        reason: "collect returned an empty list",
      });
  });
});

describe("a module", () => {
  test("gets the machine, the second and the signal, and keeps its state", async () => {
    const seen: World[] = [];
    const own = {
      calls: 0,
      async collect(world: World) {
        seen.push(world);
        this.calls += 1;
        return [{ metric: "calls", value: this.calls }];
      },
    };
    const collector = collectorOf({ default: own });
    const { signal } = new AbortController();
    expect(await collector.collect(AT, signal)).toEqual({ points: [gaugePoint("calls", 1)] });
    expect(await collector.collect(AT, signal)).toEqual({ points: [gaugePoint("calls", 2)] });
    expect(seen[0]).toEqual({ ...machine, at: AT, signal });
  });

  test("needs no async where it does not wait", async () => {
    expect(await collect(answering([{ metric: "a", value: 0 }]))).toEqual({ points: [gaugePoint("a", 0)] });
  });
});

describe("a module that cannot be used is a PluginError of its capture", () => {
  const folder = mkdtempSync(join(tmpdir(), "own-module-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return loadOwnPlugin(join(folder, name), importModule, MAX_POINTS).create({}, machine, settings);
  };

  test("is missing", async () => {
    const { message } = await refusal(
      loadOwnPlugin(join(folder, "none.js"), importModule, MAX_POINTS).create({}, machine, settings),
    );
    expect(message).toStartWith(`${folder}/none.js cannot be loaded: `);
  });

  test("is missing at first and exists later", async () => {
    const collector = loadOwnPlugin(join(folder, "late.js"), importModule, MAX_POINTS).create(
      {},
      machine,
      settings,
    );
    await refusal(collector);
    writeFileSync(
      join(folder, "late.js"),
      'export default { collect: () => [{ metric: "late", value: 1 }] }',
    );
    expect(await collect(collector)).toEqual({ points: [gaugePoint("late", 1)] });
  });

  test("is not JavaScript", async () => {
    const { message } = await refusal(written("syntax.js", "export default { collect( }"));
    expect(message).toMatch(/syntax\.js cannot be loaded: .*(Expected|Unexpected)/s);
  });

  test("throws when it is imported", async () => {
    const { message, remedy } = await refusal(
      written("throws.ts", 'throw new Error("no sensor" as string);'),
    );
    expect(message).toBe(`${folder}/throws.ts cannot be loaded: no sensor`);
    expect(remedy).toEndWith(`: chouette test-plugins ${folder}/throws.ts`);
  });

  test("throws synchronously or something odd when it is imported", async () => {
    const collector = loadOwnPlugin(
      PATH,
      () => {
        throw Object.create(null);
      },
      MAX_POINTS,
    ).create({}, machine, settings);
    const { message } = await refusal(collector);
    expect(message).toStartWith(`${PATH} cannot be loaded: it threw `);
  });

  test.each([
    ["nothing", undefined],
    ["no default", { collect: () => [] }],
    ["a null default", { default: null }],
    ["a function", { default: () => [] }],
    ["no collect", { default: { colect: () => [] } }],
    ["a collect that is not a function", { default: { collect: [] } }],
  ])("exports %s", async (_, module) => {
    const { message, remedy } = await refusal(collectorOf(module));
    expect(message).toBe(
      `${PATH} has no function collect in its default export, expected: export default { async collect({ at, readText }) { return [{ metric: "my.temp", value: 21.5, tags: ["room:attic"] }]; } }`,
    );
    expect(remedy).toEqual(REMEDY);
  });

  test.each([
    ["an Error", new TypeError("text is undefined"), "text is undefined"],
    ["a string", "no bus", "no bus"],
    ["undefined", undefined, "it threw a value that is not an Error"],
    ["several errors", new AggregateError([new Error("first")], "two failed"), "two failed: first"],
  ])("throws %s in collect", async (_, thrown, words) => {
    const throwing = () => {
      throw thrown;
    };
    const { message, remedy } = await refusal(collectorOf({ default: { collect: throwing } }));
    expect(message).toBe(`${PATH} failed in collect: ${words}`);
    expect(remedy).toEqual(REMEDY);
    const rejecting = collectorOf({ default: { collect: () => Promise.reject(thrown) } });
    expect((await refusal(rejecting)).message).toBe(message);
  });
});

describe("a module that never ends", () => {
  const LATE = `${PATH} has not ended in time: collect must end when its signal aborts`;
  const never = new Promise<never>(() => {});

  test("in collect is left when the signal aborts", async () => {
    const abort = new AbortController();
    const collect = () => {
      abort.abort();
      return never;
    };
    expect((await refusal(collectorOf({ default: { collect } }), abort.signal)).message).toBe(LATE);
  });

  test("at import is left when the signal aborts", async () => {
    const abort = new AbortController();
    const collector = loadOwnPlugin(PATH, () => never, MAX_POINTS).create({}, machine, settings);
    const refused = refusal(collector, abort.signal);
    abort.abort();
    expect((await refused).message).toBe(LATE);
  });

  test("is not called again before it has ended", async () => {
    const first = Promise.withResolvers<unknown>();
    const answers: unknown[] = [first.promise, [{ metric: "a", value: 2 }]];
    const collector = collectorOf({ default: { collect: () => answers.shift() } });
    expect((await refusal(collector, AbortSignal.abort())).message).toBe(LATE);
    expect((await refusal(collector)).message).toBe(LATE);
    expect(answers).toHaveLength(1);

    first.reject(new Error("too late to matter"));
    await first.promise.catch(() => {});
    await turn();
    expect(await collect(collector)).toEqual({ points: [gaugePoint("a", 2)] });
  });

  test("leaves nothing behind on a signal that outlives the capture", async () => {
    const abort = new AbortController();
    await answering([]).collect(AT, abort.signal);
    await turn();
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  });
});

function example(name: string, io = machine): Collector {
  return loadOwnPlugin(join(EXAMPLES, name), importModule, MAX_POINTS).create({}, io, settings);
}

function collectorOf(module: unknown): Collector {
  return loadOwnPlugin(PATH, async () => module, MAX_POINTS).create({}, machine, settings);
}

function answering(readings: unknown): Collector {
  return collectorOf({ default: { collect: () => readings } });
}

function collect(collector: Collector): Promise<Capture> {
  return collector.collect(AT, new AbortController().signal);
}

async function refusal(collector: Collector, signal = new AbortController().signal): Promise<PluginError> {
  const outcome = await collector.collect(AT, signal).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PluginError);
  return outcome as PluginError;
}

function gaugePoint(metric: string, value: number, tags: string[] = []) {
  return { metric, tags, timestamp: SECOND, value, type: "gauge" as const };
}
