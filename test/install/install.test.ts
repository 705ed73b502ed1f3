import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { coreVariables } from "../../src/config/config.ts";
import type { Variable } from "../../src/config/variable.ts";

const INSTALLER = join(import.meta.dir, "../../install.sh");
const SCRIPT = readFileSync(INSTALLER, "utf8");

/** Runs it, or what there is of it, from standard input as `curl | sh` does, on a machine on which no program is to be found. */
function pipe(script: string, words: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-s", "--", ...words], {
    input: script,
    encoding: "utf8",
    env: { PATH: "/nowhere" },
  });
  return { status, stdout, stderr };
}

test("install.sh runs nothing when its download is truncated anywhere", () => {
  const end = SCRIPT.length - "}\n".length;
  fc.assert(
    fc.property(fc.nat(end), (length) => {
      const { stdout, stderr } = pipe(SCRIPT.slice(0, length), ["--help"]);
      expect(stdout).toBe("");
      expect(stderr).not.toContain("not found");
    }),
  );
  expect(SCRIPT.slice(end)).toBe("}\n");
});

test("install.sh has the two lines that a release fills in", () => {
  expect(
    SCRIPT.split("\n").filter((line) => line === "PUBLIC_KEY=''" || line === "RELEASES=''"),
  ).toHaveLength(2);
});

describe("--help", () => {
  const { stdout: help } = spawnSync("/bin/sh", [INSTALLER, "--help"], { encoding: "utf8" });

  test("names every option that is read", () => {
    const options = [...SCRIPT.matchAll(/^ {6}(--[^)]*)\)/gm)].flatMap(([, names = ""]) =>
      names.split(" | "),
    );
    expect(options).toContain("--uninstall");
    expect(options.filter((option) => option !== "-h" && !help.includes(`  ${option} `))).toEqual([]);
  });

  test("names settings that the agent knows, without the key", () => {
    const known = Object.values<Variable>(coreVariables).flatMap(({ names }) => names);
    const settings = [...help.matchAll(/^ {2}([A-Z_]+)$/gm)].map(([, name = ""]) => name);
    expect(settings).toContain("COLLECT_PLUGINS");
    expect(settings.filter((name) => !known.includes(name) || name.includes("API_KEY"))).toEqual([]);
  });
});
