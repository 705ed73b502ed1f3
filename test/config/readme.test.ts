import { expect, test } from "bun:test";
import { coreVariables } from "../../src/config/config.ts";
import type { Variable } from "../../src/config/variable.ts";
import { tableIn } from "../helpers/readmes.ts";

test("the table of variables is that of the schema, with defaults and meanings", () => {
  const rows = Object.values<Variable>(coreVariables).map(({ names: [name, ...aliases], ...variable }) => [
    aliases.length === 0
      ? `\`${name}\``
      : `\`${name}\` (${aliases.map((alias) => `\`${alias}\``).join(", ")})`,
    variable.default === undefined ? (variable.otherwise ?? "–") : `\`${variable.default}\``,
    variable.meaning,
  ]);
  expect(tableIn("src/config/README.md", "Variables")).toEqual(rows);
});

test("the defaults in the README's table of settings are those of the schema", () => {
  const settings = tableIn("README.md", "Settings that matter");
  expect(settings.length).toBe(5);
  for (const [cell = "", shown] of settings) {
    const variable = Object.values<Variable>(coreVariables).find(({ names }) => `\`${names[0]}\`` === cell);
    // The installer chooses the plugins.
    if (cell === "`COLLECT_PLUGINS`") expect(variable?.default).toBe("[]");
    else
      expect(shown).toBe(variable?.default === undefined ? variable?.otherwise : `\`${variable.default}\``);
  }
});
