import { describe, expect, test } from "bun:test";
import { parseEnvFile } from "../src/config/env-file.ts";
import { issuesOf } from "./config/load.ts";
import { blocksIn, README_PATHS, readText } from "./helpers/readmes.ts";

/** Which test runs a block as it stands in the README, by a part of the block. */
const RUN: readonly (readonly [part: string, test: string])[] = [
  ["install.sh | sudo sh", "test/rigs/install-devices.rig.ts"],
  ["apt install ./chouette", "test/rigs/deb.rig.ts"],
  ["docker run -d", "test/rigs/deploy.rig.ts"],
  ["docker build", "test/rigs/deploy-images.ts"],
  ["/dev/udp", "test/e2e/examples.test.ts"],
  ["import socket", "test/e2e/examples.test.ts"],
  ["hot-shots", "test/e2e/examples.test.ts"],
  ["import.sh", "test/scripts/import-dashboards.test.ts"],
];

/** Files that stand in a README, whose copies are tested, and the quickstart, which scripts/test-install.sh runs. */
const OTHERS = [
  "w1_slave",
  "exec:/etc/chouette/photos.sh",
  "METRICS_WRAPPER",
  "export default",
  "scripts/quickstart.sh",
];

const blocks = README_PATHS.flatMap((path) =>
  blocksIn(path, ["sh", "bash", "python", "js", "yaml"]).map(({ text }) => ({ path, text })),
);
const isSettings = (text: string) => text.split("\n").every((line) => /^([A-Z_]+=.*|#.*|)$/.test(line));

describe("a block of settings is a valid configuration", () => {
  test.each(blocks.filter(({ text }) => isSettings(text)))("in $path", ({ text }) => {
    const { env, issues } = parseEnvFile(text);
    expect([...issues, ...issuesOf(env)]).toEqual([]);
  });
});

describe("a block of commands is run by a test that reads the README", () => {
  const commands = blocks.filter(
    ({ text }) => !isSettings(text) && !OTHERS.some((part) => text.includes(part)),
  );

  test.each(commands)("in $path", ({ text }) => {
    const [, file = ""] = RUN.find(([part]) => text.includes(part)) ?? [];
    expect(file).not.toBe("");
    expect(readText(file)).toContain("blocksIn(");
  });
});
