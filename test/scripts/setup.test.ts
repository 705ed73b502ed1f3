import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "chouette-setup-"));
  cpSync(join(ROOT, "scripts/setup.sh"), join(tree, "scripts/setup.sh"));
  writeFileSync(join(tree, "package-lock.json"), "{}");
  mkdirSync(join(tree, "node_modules"));
  writeFileSync(join(tree, "node_modules/.setup"), "");
  mkdirSync(join(tree, "bin"));
  program("sudo", 'exec "$@"');
  program("npm", "exit 1");
});
afterEach(() => rmSync(tree, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(tree, "bin", name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** Runs setup.sh on a machine whose apt-get ends with these codes, and tells what it asked of apt-get. */
function setUp(codes: { update: number; install: number }, words: readonly string[]) {
  const log = join(tree, "apt.log");
  program(
    "apt-get",
    `echo "$@" >>${log}; case $1 in update) exit ${codes.update} ;; *) exit ${codes.install} ;; esac`,
  );
  const { status, stderr } = spawnSync(join(tree, "scripts/setup.sh"), words, {
    encoding: "utf8",
    env: { PATH: `${tree}/bin:/usr/bin:/bin` },
  });
  return { status, stderr, asked: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
}

const INSTALL = "install -y -qq --no-install-recommends no-such-program of-package";
const WORDS = ["sh", "no-such-program", "other-program=of-package"];

describe("setup.sh", () => {
  test("does not call apt when every program exists", () => {
    expect(setUp({ update: 100, install: 100 }, ["sh", "env=coreutils"])).toEqual({
      status: 0,
      stderr: "",
      asked: [],
    });
  });

  test("installs the packages of the programs that are missing", () => {
    const { status, asked } = setUp({ update: 0, install: 0 }, WORDS);
    expect([status, asked]).toEqual([0, ["update -qq", INSTALL]]);
  });

  test("continues when apt-get update cannot fetch an index", () => {
    const { status, stderr, asked } = setUp({ update: 100, install: 0 }, WORDS);
    expect([status, asked]).toEqual([0, ["update -qq", INSTALL]]);
    expect(stderr).toContain("apt-get update failed");
  });

  test("fails when the packages cannot be installed, with the command to type", () => {
    const { status, stderr } = setUp({ update: 100, install: 100 }, WORDS);
    expect(status).toBe(1);
    expect(stderr).toContain("sudo apt-get update && sudo apt-get install no-such-program of-package");
  });
});
