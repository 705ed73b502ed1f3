import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { blocksIn } from "../helpers/readmes.ts";
import { type Installing, startInstalling } from "../install/installing.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/** The Debian package on Debian machines with a real systemd, with scripts as agents, which are small. As root. */
setDefaultTimeout(300_000);

const ROOT = join(import.meta.dir, "../..");
const VERSIONS = ["1.0.0", "1.1.0"];

/** Says its version, suggests plugins, checks settings, and tells systemd that it is ready. */
const agentOf = (version: string) => `#!/bin/sh
case "$1 $2" in
  --version*) echo ${version} ;;
  test-plugins*) echo 'COLLECT_PLUGINS=["host","docker"]' ;;
  "run --check") if grep -q CAPTURE_INTERVAL=soon "$5"; then echo 'CAPTURE_INTERVAL: got "soon"' >&2; exit 2; fi ;;
  run*) systemd-notify --ready "--status=${version} works"; exec sleep infinity ;;
esac
`;

let releases: Releases;
let intake: IntakeServer;
/** Release folders by their version. */
const folders = new Map<string, string>();
let settings: Record<string, string> = {};

beforeAll(async () => {
  releases = makeReleases();
  intake = await startIntake({ apiKey: "a-key" });
  settings = { API_KEY: "a-key", DATADOG_URL: `${intake.url}/api`, GLOBAL_TAGS: "site:attic" };
  for (const version of VERSIONS) {
    const folder = releases.add(version, agentOf(version));
    execFileSync(join(ROOT, "scripts/release/deb.sh"), [folder]);
    folders.set(version, folder);
  }
});
afterAll(async () => {
  await intake.stop();
  releases[Symbol.dispose]();
});

async function machine(): Promise<Installing> {
  const it = await startInstalling(releases.installer(), "dash");
  for (const [version, folder] of folders) {
    const [name = ""] = readdirSync(folder).filter((file) => file.endsWith(".deb"));
    await it.copyIn(join(folder, name), `/root/${version}.deb`);
  }
  return it;
}

const dpkg = (it: Installing, words: readonly string[], env: Record<string, string> = {}) =>
  it.exec(["dpkg", ...words], { env: { DEBIAN_FRONTEND: "noninteractive", ...env } });

/** Version of the executable, whether the service is active and enabled, and what it says of itself. */
const state = async (it: Installing) =>
  (
    await it.sh(`/usr/bin/chouette --version | head -n 1; systemctl is-active chouette; systemctl is-enabled chouette
    systemctl show -p StatusText --value chouette`)
  )
    .trim()
    .split("\n");

test.concurrent("the package installs, upgrades, is removed, and is purged without a trace", async () => {
  await using it = await machine();
  const before = await it.files();

  await it.sh("mkdir /root/release && ln /root/1.0.0.deb /root/release/chouette_1.0.0_amd64.deb");
  const block = blocksIn("systemd/README.md", ["sh"])[0]?.text.replace("sudo ", "") ?? "";
  const first = await it.exec(["sh", "-c", `cd /root/release && ${block}`], { env: settings });
  expect(first.code).toBe(0);
  expect(await state(it)).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);
  expect(await it.modes()).toEqual(
    expect.arrayContaining([
      "755 root:root /etc/chouette",
      "640 root:chouette /etc/chouette/api_key",
      "640 root:chouette /etc/chouette/chouette.env",
      "755 root:root /usr/bin/chouette",
      "755 root:root /usr/lib/chouette/install.sh",
      "644 root:root /usr/share/bash-completion/completions/chouette",
      "644 root:root /usr/share/man/man1/chouette.1.gz",
      "750 chouette:chouette /var/lib/chouette",
    ]),
  );
  expect(await it.settings()).toEqual([
    'COLLECT_PLUGINS=["host","docker"]',
    "GLOBAL_TAGS=site:attic",
    `DATADOG_URL=${intake.url}/api`,
  ]);
  expect(await it.sh("dpkg --verify chouette; systemctl is-active chouette-dogstatsd.socket")).toBe(
    "active\n",
  );
  const refused = await it.install(["--from", "/root"], {});
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("apt remove chouette") });

  await it.sh("echo LOG_LEVEL=DEBUG >>/etc/chouette/chouette.env");
  const pid = await it.mainPid();
  expect(await dpkg(it, ["-i", "/root/1.1.0.deb"])).toMatchObject({ code: 0 });
  expect(await state(it)).toEqual(["1.1.0", "active", "enabled", "1.1.0 works"]);
  expect(await it.mainPid()).not.toBe(pid);
  expect(await it.settings()).toContain("LOG_LEVEL=DEBUG");

  await it.sh("echo CAPTURE_INTERVAL=soon >>/etc/chouette/chouette.env");
  const running = await it.mainPid();
  const mistaken = await dpkg(it, ["-i", "/root/1.0.0.deb"]);
  expect(mistaken.code).toBe(0);
  for (const said of ['CAPTURE_INTERVAL: got "soon"', "The old version keeps running."])
    expect(mistaken.stderr).toContain(said);
  expect(await it.mainPid()).toBe(running);
  await it.sh("sed -i /soon/d /etc/chouette/chouette.env");

  expect(await dpkg(it, ["-r", "chouette"])).toMatchObject({ code: 0, stderr: "" });
  expect(await it.sh("systemctl is-active chouette; ls /usr/bin/chouette")).toContain("inactive\n");
  expect(await it.read("/etc/chouette/api_key")).toBe("a-key\n");
  expect(await dpkg(it, ["-i", "/root/1.1.0.deb"])).toMatchObject({ code: 0 });
  expect(await state(it)).toEqual(["1.1.0", "active", "enabled", "1.1.0 works"]);

  expect(await dpkg(it, ["-P", "chouette"])).toMatchObject({ code: 0, stderr: "" });
  const others = /\/var\/(cache|lib\/(apt|dpkg))\/|\/root\/release/;
  const gone = (files: string) => files.split("\n").filter((line) => !others.test(line));
  expect(gone(await it.files())).toEqual(gone(before));
});

test.concurrent("the package starts nothing without a key, and says what to type", async () => {
  await using it = await machine();
  const { code, stdout } = await dpkg(it, ["-i", "/root/1.0.0.deb"]);
  expect(code).toBe(0);
  expect(stdout).toContain("it has no Datadog API key yet");
  expect((await state(it)).slice(0, 3)).toEqual(["1.0.0", "inactive", "disabled"]);
  await it.sh("echo a-key >/etc/chouette/api_key; systemctl enable --now chouette");
  expect(await state(it)).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);
  await it.sh("systemctl disable --now chouette");
  expect(await dpkg(it, ["-i", "/root/1.1.0.deb"])).toMatchObject({ code: 0 });
  expect((await state(it)).slice(0, 3)).toEqual(["1.1.0", "inactive", "disabled"]);
});

test.concurrent("the package takes the place of install.sh's installation once that is removed", async () => {
  await using it = await machine();
  const folder = folders.get("1.0.0") ?? "";
  await it.sh("mkdir /root/release");
  for (const name of readdirSync(folder).filter((file) => !file.endsWith(".deb")))
    await it.copyIn(join(folder, name), `/root/release/${name}`);
  expect(await it.install(["--from", "/root/release", "--no-start"], settings)).toMatchObject({ code: 0 });
  const refused = await dpkg(it, ["-i", "/root/1.1.0.deb"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("sudo /usr/local/lib/chouette/install.sh --uninstall");
  expect(await it.sh("/usr/local/bin/chouette --version")).toBe("1.0.0\n");

  expect(await it.install(["--uninstall"])).toMatchObject({ code: 0 });
  expect(await dpkg(it, ["-i", "/root/1.1.0.deb"])).toMatchObject({ code: 0 });
  expect(await state(it)).toEqual(["1.1.0", "active", "enabled", "1.1.0 works"]);
  expect(await it.settings()).toContain("GLOBAL_TAGS=site:attic");
});
