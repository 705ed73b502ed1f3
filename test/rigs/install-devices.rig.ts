import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { executable } from "../../scripts/build/executable.ts";
import { writeShellFiles } from "../../scripts/build/shell/write.ts";
import { startIntake } from "../../scripts/servers/intake.ts";
import { blocksIn } from "../helpers/readmes.ts";
import { startInstalling } from "../install/installing.ts";
import { type ReleaseServer, startReleaseServer } from "../install/release-server.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/** install.sh with the agent of this tree in a release of pack.sh; and what depends on the device and on who sits before it. As root. */
setDefaultTimeout(300_000);

const ROOT = join(import.meta.dir, "../..");
const KEY = "0123456789abcdef0123456789abcdef";

let releases: Releases;
let server: ReleaseServer;
beforeAll(async () => {
  server = await startReleaseServer();
  releases = makeReleases(server.url);
  server.folders.set("1.0.0", await releases.addFake("1.0.0"));
  server.latest = "1.0.0";
});
afterAll(async () => {
  await server.stop();
  releases[Symbol.dispose]();
});

test.concurrent("curl | sh, and points of the machine arrive; the key is in no process list and in no output", async () => {
  await using intake = await startOwnIntake();
  const published = await startReleaseServer();
  await pack(join(releases.path, "packed"), published.url);
  const told = await run(await executable(), ["--version"]);
  [published.latest = ""] = told.stdout.split("\n");
  published.folders.set(published.latest, join(releases.path, "packed"));
  await using it = await startInstalling("", "dash");
  await it.write("/root/key", KEY);
  const watcher = it.sh(
    "until [ -e /root/done ]; do grep -alf /root/key /proc/[0-9]*/cmdline 2>/dev/null; done",
  );

  const { code, stdout, stderr } = await it.exec(["sh", "-c", installLine(published.url)], {
    env: {
      API_KEY: KEY,
      DATADOG_URL: `${intake.url}/api`,
      DATADOG_LOGS_URL: intake.url,
      CAPTURE_INTERVAL: "1",
      RELEASE_INTERVAL: "2",
    },
  });
  await it.sh("touch /root/done");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("its signature is right");
  expect(stdout).toContain(`Chouette ${published.latest} runs. Next:`);
  expect(await watcher).toBe("");
  expect(stdout + (await it.sh("journalctl --no-pager"))).not.toContain(KEY);
  await intake.until(() => [...intake.series.keys()].some((name) => name.startsWith("Chouette.host.la|")));
  expect((await it.state()).slice(0, 3)).toEqual([published.latest, "active", "enabled"]);
  expect((await it.settings())[0]).toMatch(/^COLLECT_PLUGINS=\[.*"host".*\]$/);

  expect((await it.exec(["sh", "-c", installLine(published.url)])).code).toBe(0);
  await published.stop();
});

test.concurrent("a key that is typed is not shown; Docker's socket is not given without a yes", async () => {
  await using it = await startInstalling(releases.installer(server.url), "busybox");
  await it.sh(
    "groupadd docker; systemd-run systemd-socket-activate -l /var/run/docker.sock true; until [ -S /var/run/docker.sock ]; do :; done",
  );
  const question = "ask whether Chouette may use Docker's socket";
  const dry = (env: string) =>
    it.sh(`${env} script -qec 'sh /root/install.sh --dry-run' /dev/null </dev/null`);
  expect([(await dry("")).includes(question), (await dry(`API_KEY=${KEY}`)).includes(question)]).toEqual([
    true,
    false,
  ]);
  const typed =
    await it.sh(`mkfifo /root/keys; script -qec 'busybox sh /root/install.sh' /dev/null </root/keys >/root/out & exec 3>/root/keys
until grep -q 'Datadog site' /root/out; do :; done; echo https://app.datadoghq.invalid/account >&3
until grep -q 'Enter: later' /root/out; do :; done; echo 'not a key' >&3
until grep -q 'That is not a key' /root/out; do :; done; echo ${KEY} >&3
until grep -q 'y/N' /root/out; do :; done; echo >&3
wait; cat /root/out`);
  expect(typed).not.toContain(KEY);
  expect(typed).toContain("Docker runs here. To measure its containers: sh /root/install.sh --docker");
  expect(await it.settings()).toContain("DD_SITE=datadoghq.invalid");
  expect(await it.read("/etc/chouette/api_key")).toBe(`${KEY}\n`);
  expect(await it.sh("id -nG chouette")).toBe("chouette\n");

  expect((await it.install(["--docker"])).stdout).toContain(
    "add the user chouette to the group docker (for Docker's socket; this is as good as root)",
  );
  expect(await it.sh("id -nG chouette")).toBe("chouette docker\n");
  expect(await it.state()).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);
});

test.concurrent("a Jetson Nano: groups of the GPU, and a systemd without credentials", async () => {
  await using it = await startInstalling(releases.installer(server.url), "dash");
  await it.write("/etc/nv_tegra_release", "# R32 (release), REVISION: 7.1\n");
  await it.write(
    "/usr/local/sbin/systemctl",
    '#!/bin/sh\n[ "$1" = --version ] && echo "systemd 237" && exit\nexec /usr/bin/systemctl "$@"\n',
    0o755,
  );
  const { code, stdout } = await it.install([], { API_KEY: KEY });
  expect([code, await it.sh("id -nG chouette")]).toEqual([0, "chouette video render\n"]);
  expect(stdout).toContain("(systemd 237 has no credentials)");
  expect(await it.sh("systemctl show -p Environment chouette")).toBe(
    "Environment=API_KEY_FILE=/etc/chouette/api_key STATE_DIRECTORY=/var/lib/chouette\n",
  );
});

test.concurrent("a broken download continues where it stopped", async () => {
  const breaking = await startReleaseServer();
  for (const [version, folder] of server.folders) breaking.folders.set(version, folder);
  breaking.latest = "1.0.0";
  breaking.cutAfter = 40_000_000;
  await using it = await startInstalling(releases.installer(breaking.url), "dash");
  expect((await it.install(["--no-start"])).code).toBe(0);
  const parts = breaking.requests.filter((request) => request.includes(".gz"));
  expect(parts.map((request) => request.replace(/.*from /, ""))).toEqual(["0", "40000000", "80000000"]);
  await breaking.stop();
});

test.concurrent("values with quotes and backslashes are the same for the agent", async () => {
  await using it = await startInstalling(releases.installer(server.url), "dash");
  const settings = {
    REDIS_URL: 'redis://:p"a\\s$s`w@localhost/0',
    GLOBAL_TAGS: '["a:b", "c:d"]',
    HOST: "'attic'",
  };
  await it.install(["--no-start"], { ...settings, COLLECT_PLUGINS: "host" });
  expect(await it.settings()).toEqual([
    "COLLECT_PLUGINS=host",
    'GLOBAL_TAGS=["a:b", "c:d"]',
    "HOST=\"'attic'\"",
    'REDIS_URL="redis://:p\\"a\\\\s\\$s\\`w@localhost/0"',
  ]);
});

async function startOwnIntake() {
  const intake = await startIntake({ apiKey: KEY });
  return { ...intake, [Symbol.asyncDispose]: () => intake.stop() };
}

/** The release folder of what is built. */
async function pack(folder: string, address: string): Promise<void> {
  const built = await executable();
  const dist = join(releases.path, "dist");
  await mkdir(dist);
  await copyFile(built, join(dist, `chouette-linux-${process.arch}`));
  writeShellFiles(dist, "0.0.0");
  await writeFile(join(dist, "sbom.cdx.json"), "{}\n");
  await writeFile(join(dist, "THIRD-PARTY-NOTICES.txt"), `chouette-linux-${process.arch}\n`);
  await run(join(ROOT, "scripts/release/pack.sh"), ["--dist", dist, folder], {
    env: { ...process.env, CHOUETTE_SIGNING_KEY: releases.keyFile, CHOUETTE_RELEASES_URL: address },
  });
}

const run = promisify(execFile);

/** The README's command, for a server of the test and a machine without sudo. */
function installLine(releases: string): string {
  const block = blocksIn("README.md", ["sh"]).find(({ text }) => text.includes("install.sh"))?.text ?? "";
  return block.replace("RELEASES", releases).replace("sudo ", "");
}
