import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readVariables } from "../../src/config/variable.ts";
import { PluginError } from "../../src/errors.ts";
import type { Capture, Io, Plugin } from "../../src/plugins/plugin.ts";
import * as registry from "../../src/plugins/registry.ts";
import { fixtureIo } from "../helpers/fixture-io.ts";
import { settings } from "../helpers/plugin-settings.ts";

/** Every file of the kernel in every fixture, one at a time, with a text that it should not have. */
const FIXTURES = join(import.meta.dir, "..", "fixtures");
const ODD_TEXTS = [
  "",
  "\n",
  "garbage\n",
  "18446744073709551615\n",
  "-1\n",
  "99999999999999999999 9\n",
  "max 9\n",
];
const MAY_BE_NEGATIVE = /temperature|power/;

describe.each(Object.entries(registry as Record<string, Plugin>))("%s", (name, plugin) => {
  const files = filesOf(name);

  test("whatever a file says, gives points that can be true, or else a reason", async () => {
    const odd = files.flatMap((file) => ODD_TEXTS.map((text) => ({ ...file, text })));
    const faults = await Promise.all(
      odd.map(async ({ folder, path, text }) =>
        faultOf(await capture(plugin, folder, path, () => text)).map((fault) => [folder, path, text, fault]),
      ),
    );
    expect(faults.flat()).toEqual([]);
  });

  test("a line more that is not understood takes nothing from the others", async () => {
    const changed = await Promise.all(
      files.filter(hasLines).map(async ({ folder, path }) => {
        const [before, after] = await Promise.all([
          capture(plugin, folder, path, (text) => text),
          capture(plugin, folder, path, (text) => `${text}garbage ?\n`),
        ]);
        return Bun.deepEquals(pointsOf(before), pointsOf(after)) ? [] : [[folder, path]];
      }),
    );
    expect(changed.flat()).toEqual([]);
  });
});

type KernelFile = { folder: string; path: string; original: string };

function filesOf(plugin: string): KernelFile[] {
  return readdirSync(join(FIXTURES, plugin)).flatMap((example) => {
    const folder = join(FIXTURES, plugin, example);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(?:denied|again)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => /^(?:\/0)?\/(?:proc|sys)\//.test(file.slice(folder.length)))
      .map((file) => ({
        folder,
        path: file.slice(folder.length).replace(/^\/0(?=\/)/, ""),
        original: readFileSync(file, "utf8"),
      }));
  });
}

function hasLines({ original }: KernelFile): boolean {
  return original.split("\n").length > 2 && original.endsWith("\n");
}

/** A capture of the fixture's first snapshot in which the text of one file is another. */
async function capture(
  plugin: Plugin,
  folder: string,
  changed: string,
  change: (text: string) => string,
): Promise<unknown> {
  const variables = join(folder, "env.json");
  const env = existsSync(variables) ? JSON.parse(readFileSync(variables, "utf8")) : {};
  const { io } = fixtureIo(folder);
  const changeIt = (path: string, text: string | undefined) =>
    path === changed && text !== undefined ? change(text) : text;
  const world: Io = {
    ...io,
    readText: async (path) => changeIt(path, await io.readText(path)),
    readTextSync: (path) => changeIt(path, io.readTextSync(path)),
  };
  const collector = plugin.create(readVariables(plugin.variables, env).values, world, settings);
  const outcome = await collector
    .collect(1_700_000_000, new AbortController().signal)
    .catch((error: unknown) => error);
  await collector.close?.();
  return outcome;
}

function faultOf(outcome: unknown): string[] {
  if (outcome instanceof PluginError) return [];
  if (outcome instanceof Error) return [String(outcome)];
  const { points, reason } = outcome as Capture;
  const impossible = points.filter(
    ({ metric, value }) =>
      !Number.isFinite(value) || value >= 2 ** 63 || (value < 0 && !MAY_BE_NEGATIVE.test(metric)),
  );
  if (points.length === 0 && reason === undefined) return ["neither points nor a reason"];
  return impossible.map(({ metric, value }) => `${metric} ${value}`);
}

function pointsOf(outcome: unknown): unknown {
  return outcome instanceof Error ? [] : (outcome as Capture).points;
}
