import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugins } from "../../src/commands/test-plugins.ts";
import { readVariables } from "../../src/config/variable.ts";
import type { Supervised } from "../../src/jobs/supervise.ts";
import type { Plugin } from "../../src/plugins/plugin.ts";
import * as registry from "../../src/plugins/registry.ts";
import { testClock } from "../helpers/clock.ts";
import { fixtureIo } from "../helpers/fixture-io.ts";
import { settings } from "../helpers/plugin-settings.ts";

/**
 * The example of a README is what `chouette test-plugins` prints of fixtures, which a comment before it names:
 * `<!-- test/fixtures/rpi/pi5 -->`. Written by UPDATE_EXPECTED=1 bun test test/plugins/readme-examples.test.ts
 */
const ROOT = join(import.meta.dir, "..", "..");
const EXAMPLE = /(<!-- ((?:test\/fixtures\/\w+\/[\w.-]+ )+)-->\n\n```text\n)(.*?)(```\n)/s;
const plugins = registry as Record<string, Plugin>;

test.each(["README.md", ...Object.keys(plugins).map((name) => `src/plugins/${name}/README.md`)])(
  "the example in %s is what the program prints",
  async (path) => {
    const file = join(ROOT, path);
    const readme = readFileSync(file, "utf8");
    const [, , fixtures = "", shown] = EXAMPLE.exec(readme) ?? [];
    const printed = await exampleOf(fixtures.trim().split(" "));
    if (process.env.UPDATE_EXPECTED === "1")
      writeFileSync(
        file,
        readme.replace(EXAMPLE, (_, before, __, ___, after) => before + printed + after),
      );
    else expect(shown).toBe(printed);
  },
);

async function exampleOf(fixtures: readonly string[]): Promise<string> {
  const cases = fixtures.map((path) => captureOf(path.split("/")[2] ?? "", join(ROOT, path)));
  const words = cases.flatMap(({ assigned }) => assigned);
  let printed = `$ ${[...words, "chouette test-plugins", ...cases.map(({ plugin }) => plugin.name)].join(" ")}\n`;
  const print = (text: string) => {
    printed += text;
  };
  const stop = new AbortController().signal;
  await testPlugins(
    { print, clock: testClock(1_700_000_000), stop, width: Number.POSITIVE_INFINITY },
    cases.map(({ plugin }) => ({ name: plugin.name, configured: true, plugin })),
    { json: false, named: true },
  );
  return printed.replace(/ +$/gm, "").replace(/\n+$/, "\n");
}

function captureOf(name: string, folder: string): { assigned: string[]; plugin: Supervised } {
  const plugin = plugins[name];
  if (plugin === undefined) throw new Error(`${folder} is not a fixture of a plugin`);
  const file = join(folder, "env.json");
  const env: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const { values } = readVariables(plugin.variables, env);
  const collector = plugin.create(values, fixtureIo(folder).io, settings);
  return {
    assigned: assignments(env),
    plugin: {
      name,
      // How long a capture takes is different each time.
      capture: async (at, stop) => ({
        plugin: name,
        ok: true,
        duration: 0.012,
        ...(await collector.collect(at, stop)),
      }),
      close: async () => collector.close?.(),
    },
  };
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([variable, value]) => `${variable}='${value}'`);
}
