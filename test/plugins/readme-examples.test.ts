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
 * The example of a plugin's README is what `chouette test-plugins` prints of a fixture, which a comment before it names:
 * `<!-- test/fixtures/rpi/pi5 -->`. Written by UPDATE_EXPECTED=1 bun test test/plugins/readme-examples.test.ts
 */
const ROOT = join(import.meta.dir, "..", "..");
const EXAMPLE = /(<!-- test\/fixtures\/\w+\/([\w.-]+) -->\n\n```text\n)(.*?)(```\n)/s;

test.each(Object.entries(registry as Record<string, Plugin>))(
  "the example in the README of %s is what the program prints",
  async (name, plugin) => {
    const file = join(ROOT, "src/plugins", name, "README.md");
    const readme = readFileSync(file, "utf8");
    const [, , fixture = "", shown] = EXAMPLE.exec(readme) ?? [];
    const printed = await exampleOf(name, plugin, join(ROOT, "test/fixtures", name, fixture));
    if (process.env.UPDATE_EXPECTED === "1")
      writeFileSync(
        file,
        readme.replace(EXAMPLE, (_, before, __, ___, after) => before + printed + after),
      );
    else expect(shown).toBe(printed);
  },
);

async function exampleOf(name: string, plugin: Plugin, folder: string): Promise<string> {
  const file = join(folder, "env.json");
  const env: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const { values } = readVariables(plugin.variables, env);
  const clock = testClock(1_700_000_000);
  const collector = plugin.create(values, fixtureIo(folder).io, settings);
  const supervised: Supervised = {
    name,
    // How long a capture takes is different each time.
    capture: async (at, stop) => ({
      plugin: name,
      ok: true,
      duration: 0.012,
      ...(await collector.collect(at, stop)),
    }),
    close: async () => collector.close?.(),
  };
  let printed = `$ ${[...assignments(env), "chouette test-plugins", name].join(" ")}\n`;
  const print = (text: string) => {
    printed += text;
  };
  const stop = new AbortController().signal;
  await testPlugins(
    { print, clock, stop, width: Number.POSITIVE_INFINITY },
    [{ name, configured: true, plugin: supervised }],
    {
      json: false,
      named: true,
    },
  );
  return printed.replace(/ +$/gm, "").replace(/\n+$/, "\n");
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([variable, value]) => `${variable}='${value}'`);
}
