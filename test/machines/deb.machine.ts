import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { version } from "../../package.json";
import { executable } from "../../scripts/build/executable.ts";
import { writeShellFiles } from "../../scripts/build/shell/write.ts";
import { run } from "../../scripts/machines/debian-root.ts";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { startMachine } from "../helpers/nspawn.ts";
import { enterUserland } from "../helpers/userland.ts";

/**
 * scripts/test-install.sh: the packages of the real executables in Debian 11, 12 and 13 with systemd, and in the root file systems
 * of ARM devices under emulation.
 */
setDefaultTimeout(30 * 60_000);

const ROOT = resolve(import.meta.dir, "../..");

let folder: string;
let intake: IntakeServer;
let settings: Record<string, string> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chouette-deb-"));
  intake = await startIntake({ apiKey: "a-key" });
  settings = {
    ...{ API_KEY: "a-key", HOST: "packaged", COLLECT_PLUGINS: "host" },
    ...{ DATADOG_URL: `${intake.url}/api`, CAPTURE_INTERVAL: "5", RELEASE_INTERVAL: "5" },
  };
  for (const target of ["linux-x64", "linux-arm64", "linux-armv7"])
    writeFileSync(
      join(folder, `chouette-${target}.gz`),
      gzipSync(readFileSync(await executable(target)), { level: 1 }),
    );
  for (const name of readdirSync(join(ROOT, "systemd")))
    copyFileSync(join(ROOT, "systemd", name), join(folder, name));
  copyFileSync(join(ROOT, "install.sh"), join(folder, "install.sh"));
  writeFileSync(join(folder, "VERSION"), `${version}\n`);
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), "Bun\n");
  writeShellFiles(folder, version);
  await run([join(ROOT, "scripts/release/deb.sh"), folder]);
});
afterAll(async () => {
  await intake.stop();
  rmSync(folder, { recursive: true });
});

const packageOf = (architecture: string) => join(folder, `chouette_${version}_${architecture}.deb`);

test.each(["bullseye", "bookworm", "trixie"] as const)("the package works in %s", async (suite) => {
  const machine = await startMachine({ suite, binds: { "/root/chouette.deb": packageOf("amd64") } });
  try {
    intake.series.clear();
    const installed = await machine.exec(["dpkg", "-i", "/root/chouette.deb"], { env: settings });
    expect(installed).toMatchObject({ code: 0 });
    await intake.until(() =>
      [...intake.series.keys()].some((series) => series.includes("Chouette.host.la|")),
    );
    const status = await machine.exec(["chouette", "inspect-queue"]);
    expect(status.stderr).toContain("using the service's /etc/chouette/chouette.env");
    expect(status.stdout).toContain("sqlite /var/lib/chouette/chouette.db");
    expect(await machine.exec(["dpkg", "-P", "chouette"])).toMatchObject({ code: 0 });
    const left = await machine.exec([
      "sh",
      "-c",
      "ls -d /etc/chouette /var/lib/chouette /usr/bin/chouette; id chouette",
    ]);
    expect(left.stdout).toBe("");
  } finally {
    await machine.stop();
  }
});

describe.each([
  ["arm64", "arm64", "cortex-a72"],
  ["armv7", "armhf", "cortex-a7"],
] as const)("in a userland of %s", (architecture, debian, processor) => {
  test("the package is installed, runs its executable, and is purged", async () => {
    await using userland = await enterUserland(architecture, processor, {
      "/root/chouette.deb": packageOf(debian),
    });
    const installed = await userland.exec(["dpkg", "-i", "/root/chouette.deb"], { env: settings });
    expect(installed).toMatchObject({ code: 0 });
    expect((await userland.exec(["chouette", "--version"])).stdout.split("\n")[0]).toBe(version);
    const settled = await userland.exec(["grep", "-v", "^#", "/etc/chouette/chouette.env"]);
    expect(settled.stdout).toContain("HOST=packaged\n");
    expect(await userland.exec(["dpkg", "-P", "chouette"])).toMatchObject({ code: 0 });
    expect((await userland.exec(["id", "chouette"])).code).toBe(1);
  });
});
