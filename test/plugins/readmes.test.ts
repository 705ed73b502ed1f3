import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Capture, Plugin } from "../../src/plugins/plugin.ts";
import * as registry from "../../src/plugins/registry.ts";
import { tableIn } from "../helpers/readmes.ts";

/** What the README of a plugin tells, in this order; "## Metrics" holds a table whose first column are names in backticks. */
const HEADINGS = ["What it reads", "Permissions", "Variables", "Metrics", "Example"];
const PLUGINS = join(import.meta.dir, "..", "..", "src", "plugins");
const FIXTURES = join(import.meta.dir, "..", "fixtures");

for (const [name, plugin] of Object.entries(registry as Record<string, Plugin>)) {
  describe(name, () => {
    const readme = () => readFileSync(join(PLUGINS, name, "README.md"), "utf8");

    test("README has its sections", () => {
      const headings = [...readme().matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      expect(headings).toEqual(HEADINGS);
    });

    test("README's table of metrics is what the fixtures emit", () => {
      const names = firstColumn(section(readme(), "Metrics")).map((cell) => cell.replaceAll("`", ""));
      expect(names).toEqual([...new Set(names)]);
      expect(names.sort()).toEqual(emittedNames(name));
    });

    test("README names every variable with its default", () => {
      const variables = section(readme(), "Variables");
      for (const variable of Object.values(plugin.variables)) {
        for (const spelling of variable.names) expect(variables).toContain(`\`${spelling}\``);
        if (variable.default !== undefined) expect(variables).toContain(`\`${variable.default}\``);
      }
    });
  });
}

test.each([
  ["host", "default-groups", "6 with one filesystem"],
  ["rpi", "pi5", "10"],
  ["tegrastats", "nano-r32-default", "8 on a Jetson Nano"],
])("the number of series of %s that the README says is that of %s", (name, fixture, said) => {
  const row = tableIn("README.md", "What it costs").find(([plugin]) => plugin === `\`${name}\``);
  expect(row?.[1]).toStartWith(said);
  const captures: Partial<Capture>[] = JSON.parse(
    readFileSync(join(FIXTURES, name, fixture, "expected.json"), "utf8"),
  );
  const series = captures.flatMap(({ points = [] }) => points.map(({ metric, tags }) => `${metric} ${tags}`));
  expect(new Set(series).size).toBe(Number.parseInt(said, 10));
});

function section(readme: string, heading: string): string {
  const start = readme.indexOf(`## ${heading}\n`);
  expect(start).toBeGreaterThanOrEqual(0);
  const end = readme.indexOf("\n## ", start);
  return readme.slice(start, end === -1 ? undefined : end);
}

/** First cells of the rows below a table's line of dashes. */
function firstColumn(markdown: string): string[] {
  const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
  const dashes = rows.findIndex((row) => /^\|[\s:|-]+\|$/.test(row));
  return rows.slice(dashes + 1).map((row) => row.split("|")[1]?.trim() ?? "");
}

function emittedNames(plugin: string): string[] {
  const cases = readdirSync(join(FIXTURES, plugin)).map((example) =>
    join(FIXTURES, plugin, example, "expected.json"),
  );
  const captures = cases
    .filter(existsSync)
    .flatMap((file): Partial<Capture>[] => JSON.parse(readFileSync(file, "utf8")));
  return [
    ...new Set(captures.flatMap((capture) => capture.points ?? []).map((point) => point.metric)),
  ].sort();
}
