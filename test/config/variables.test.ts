import { expect, test } from "bun:test";
import { coreVariables } from "../../src/config/config.ts";
import { readVariables } from "../../src/config/variable.ts";

test("the table: no name twice, every default is what the variable expects, every meaning is a sentence", () => {
  const all = Object.values(coreVariables);
  const names = all.flatMap((variable) => variable.names);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(readVariables(coreVariables, {}).issues).toEqual([]);
  for (const variable of all) {
    expect(variable.meaning).toMatch(/^[A-Z].*\.$/);
    expect("default" in variable).not.toBe("otherwise" in variable);
  }
});
