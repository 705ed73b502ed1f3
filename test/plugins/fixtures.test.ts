import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readVariables } from "../../src/config/variable.ts";
import { PluginError } from "../../src/errors.ts";
import type { Capture, Plugin } from "../../src/plugins/plugin.ts";
import * as registry from "../../src/plugins/registry.ts";
import { fixtureIo } from "../helpers/fixture-io.ts";
import { settings } from "../helpers/plugin-settings.ts";

/**
 * Every plugin of the registry on every folder test/fixtures/<plugin>/<case>/ (its layout: test/helpers/fixture-io.ts):
 *
 *   SOURCE          which board and system the input is from, or that it was made up
 *   env.json        the environment, {"HOST_COLLECTOR_METRICS": "[\"cpu\"]"}; optional
 *   expected.json   one outcome per snapshot: the whole Capture, or {"rejects", "remedy"} for a PluginError.
 *                   Written by UPDATE_EXPECTED=1 bun test test/plugins/fixtures.test.ts, then read by a person as a diff
 */
const FIXTURES = join(import.meta.dir, "..", "fixtures");
const FIRST_CAPTURE = 1_700_000_000.25;
const CAPTURE_INTERVAL = 30;

for (const [name, plugin] of Object.entries(registry as Record<string, Plugin>)) {
  describe(name, () => {
    const cases = casesOf(name);

    test("has fixtures", () => {
      expect(cases).not.toEqual([]);
    });

    test.each(cases)("%s", async (example) => {
      const folder = join(FIXTURES, name, example);
      expect(readFileSync(join(folder, "SOURCE"), "utf8").trim()).not.toBe("");
      const outcomes = await replay(plugin, folder);
      const expected = join(folder, "expected.json");
      if (process.env.UPDATE_EXPECTED === "1")
        writeFileSync(expected, `${JSON.stringify(outcomes, undefined, 2)}\n`);
      expect(outcomes).toEqual(JSON.parse(readFileSync(expected, "utf8")));
    });
  });
}

type Outcome = Capture | { rejects: string; remedy: string };

async function replay(plugin: Plugin, folder: string): Promise<Outcome[]> {
  const file = join(folder, "env.json");
  const env = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const { values, issues } = readVariables(plugin.variables, env);
  expect(issues).toEqual([]);

  const { io, snapshots, use } = fixtureIo(folder);
  const collector = plugin.create(values, io, { ...settings, hostRoot: env.HOST_ROOT ?? "/" });
  const outcomes: Outcome[] = [];
  for (let snapshot = 0; snapshot < snapshots; snapshot += 1) {
    use(snapshot);
    const at = FIRST_CAPTURE + snapshot * CAPTURE_INTERVAL;
    const outcome = await collector.collect(at, new AbortController().signal).catch(asOutcome);
    if ("points" in outcome) expectSoundPoints(outcome, at);
    outcomes.push(outcome);
  }
  await collector.close?.();
  return outcomes;
}

function asOutcome(error: unknown): Outcome {
  if (error instanceof PluginError) return { rejects: error.message, remedy: error.remedy };
  throw error;
}

/** What holds for every capture: gauges of that second, finite, with sorted tags, and no series twice. */
function expectSoundPoints({ points }: Capture, at: number): void {
  for (const point of points) {
    expect(point).toMatchObject({ type: "gauge", timestamp: Math.floor(at) });
    expect(point.value).toBeFinite();
    expect([...point.tags]).toEqual([...new Set(point.tags)].sort());
  }
  const series = points.map((point) => [point.metric, ...point.tags].join(" "));
  expect(series).toEqual([...new Set(series)]);
}

function casesOf(name: string): string[] {
  const folder = join(FIXTURES, name);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
