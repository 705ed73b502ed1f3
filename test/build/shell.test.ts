import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { definedCommands } from "../../scripts/build/shell/commands.ts";
import { writeShellFiles } from "../../scripts/build/shell/write.ts";
import { coreVariables } from "../../src/config/config.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chouette-shell-"));
  writeShellFiles(folder, "1.2.3");
  writeFileSync(join(folder, "a file.env"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Types lines into a bash with a terminal, in which chouette is a function that shows its words; returns the words of each. */
function typed(lines: readonly string[]): string[] {
  const script = `PS1= PS2=; bind 'set enable-bracketed-paste off'; cd ${folder}; . ./chouette.bash
chouette() { printf '{%s}' "$@"; echo; }
${lines.join("\n")}
exit
`;
  const { stdout } = spawnSync("script", ["-qec", "bash --norc --noprofile -i", "/dev/null"], {
    input: script,
    encoding: "utf8",
    env: { PATH: process.env.PATH, TERM: "dumb", HOME: folder },
  });
  const shown = stdout.split(/\r?\n/).filter((line) => /^(\{[^{}%]+\})+$/.test(line));
  return shown.map((line) => line.slice(1, -1).replaceAll("}{", " "));
}

test("in bash, Tab completes commands, options, levels, files, queues and plugins", () => {
  const completed = {
    "chouette test\t": "test-plugins",
    "chouette sta\t": "status",
    "chouette status --hea\t": "status --health",
    "chouette flush --hea\t": "flush --hea",
    "chouette run --log-level DE\t": "run --log-level DEBUG",
    "chouette run --env-file a\t": "run --env-file a file.env",
    "chouette inspect-queue --json sk\t": "inspect-queue --json sketches",
    "chouette test-plugins host rp\t": "test-plugins host rpi",
    "chouette test-plugins ./chouette.b\t": "test-plugins ./chouette.bash",
  };
  expect(typed(Object.keys(completed))).toEqual(Object.values(completed));
});

describe("the man page", () => {
  test("is without a fault for groff", () => {
    const page = ["groff", "-man", "-Tutf8", "-Kutf8", "-P-cbou", "-ww", join(folder, "chouette.1")];
    const { stdout, stderr } = spawnSync(page[0] ?? "", page.slice(1), { encoding: "utf8" });
    expect(stderr).toBe("");
    for (const { names, options } of definedCommands("1.2.3"))
      for (const word of [...names, ...options.flatMap(({ flags }) => flags)]) expect(stdout).toContain(word);
  });

  test("has every variable", () => {
    const page = readFileSync(join(folder, "chouette.1"), "utf8");
    for (const { names } of Object.values(coreVariables)) expect(page).toContain(`\\fB${names[0]}\\fR`);
  });
});

test("the completions for zsh and fish have every option", () => {
  for (const name of ["chouette.zsh", "chouette.fish"]) {
    const text = readFileSync(join(folder, name), "utf8");
    const flags = definedCommands("1.2.3").flatMap(({ options }) =>
      options.flatMap((option) => option.flags),
    );
    for (const flag of flags)
      expect(text).toContain(name.endsWith("zsh") ? `${flag}[` : `-l ${flag.slice(2)} `);
  }
});
