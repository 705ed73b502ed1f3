import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { SHELLS, startInstalling } from "../install/installing.ts";
import { type ReleaseServer, startReleaseServer } from "../install/release-server.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/**
 * install.sh on Debian machines with a real systemd, with agents that do as they are told (fake-agent.ts). A new version is
 * watched for 30 seconds, so the machines work side by side. As root.
 */
setDefaultTimeout(300_000);

let releases: Releases;
let server: ReleaseServer;
let intake: IntakeServer;
beforeAll(async () => {
  server = await startReleaseServer();
  releases = makeReleases(server.url);
  intake = await startIntake({ apiKey: "a-key" });
  const conducts = {
    "1.0.0": "works",
    "1.1.0": "works",
    "1.2.0": "ends",
    "1.3.0": "is never ready",
    "1.4.0": "ends later",
  } as const;
  for (const [version, conduct] of Object.entries(conducts))
    server.folders.set(version, await releases.addFake(version, conduct));
  server.latest = "1.0.0";
});
afterAll(async () => {
  await server.stop();
  await intake.stop();
  releases[Symbol.dispose]();
});

describe.each(Object.keys(SHELLS) as (keyof typeof SHELLS)[])("%s", (shell) => {
  test.concurrent("installs, repairs, and leaves without a trace", async () => {
    await using it = await machine(shell);
    const before = await it.files();

    const settings = { API_KEY: "a-key", DATADOG_URL: `${intake.url}/api`, GLOBAL_TAGS: "site:attic" };

    const dry = await it.install(["--dry-run"], settings);
    expect([dry.code, await it.files()]).toEqual([0, before]);

    const first = await it.install([], settings);
    expect(first).toEqual({
      code: 0,
      stdout: `[1/5] looking at this machine
  this machine, linux-x64
[2/5] getting the release
  Chouette 1.0.0
  its signature is right
[3/5] settings
  ${new URL(intake.url).host} takes the API key
[4/5] installing
  make the user chouette
  put the executable into /usr/local/bin/chouette
  write /etc/chouette/chouette.env (COLLECT_PLUGINS=["host","docker"])
  write the API key into /etc/chouette/api_key
  keep the installer of this release as /usr/local/lib/chouette/install.sh
  put completions and the man page below /usr/local/share
[5/5] the service
  put the unit into /etc/systemd/system/chouette.service
  put the sockets into /etc/systemd/system/chouette-dogstatsd.socket
  enable the sockets for applications
  enable the service
  start the service

Chouette 1.0.0 runs. Next:
  chouette status                         agent, last delivery, queues
  open /etc/chouette/chouette.env in an editor  settings
  systemctl reload chouette               applies changed settings
  journalctl -fu chouette                 what it says
`,
      stderr: "",
    });
    expect(await it.state()).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);
    expect(await it.modes()).toEqual([
      "755 root:root /etc/chouette",
      "640 root:chouette /etc/chouette/api_key",
      "640 root:chouette /etc/chouette/chouette.env",
      "644 root:root /etc/systemd/system/chouette-dogstatsd.socket",
      "644 root:root /etc/systemd/system/chouette.service",
      "755 root:root /etc/systemd/system/chouette.service.wants",
      "755 root:root /usr/local/bin/chouette",
      "755 root:root /usr/local/lib/chouette",
      "755 root:root /usr/local/lib/chouette/install.sh",
      "644 root:root /usr/local/share/bash-completion/completions/chouette",
      "644 root:root /usr/local/share/fish/vendor_completions.d/chouette.fish",
      "644 root:root /usr/local/share/man/man1/chouette.1",
      "644 root:root /usr/local/share/zsh/site-functions/_chouette",
      "750 chouette:chouette /var/lib/chouette",
    ]);
    expect(await it.settings()).toEqual([
      'COLLECT_PLUGINS=["host","docker"]',
      "GLOBAL_TAGS=site:attic",
      `DATADOG_URL=${intake.url}/api`,
    ]);
    expect(await it.read("/etc/chouette/api_key")).toBe("a-key\n");

    const pid = await it.mainPid();
    const second = await it.install([], { API_KEY: "a-key" });
    expect(second.code).toBe(0);
    expect(second.stdout).toContain("it is installed already; what is missing is put back");
    expect([await it.mainPid(), await it.read("/etc/chouette/api_key")]).toEqual([pid, "a-key\n"]);

    await it.sh("rm /usr/local/bin/chouette /etc/systemd/system/chouette.service && systemctl daemon-reload");
    expect((await it.install([])).code).toBe(0);
    expect(await it.state()).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);

    // As it ends between putting the sockets in place and enabling them.
    await it.sh("systemctl disable chouette-dogstatsd.socket; echo new >/etc/chouette/.unfinished");
    expect((await it.install([])).stdout).toContain("an installation was interrupted here");
    expect(await it.sh("systemctl is-enabled chouette-dogstatsd.socket")).toBe("enabled\n");

    expect((await it.install(["--uninstall"])).stdout).toContain(
      "to remove them: sh /usr/local/lib/chouette/install.sh --uninstall --purge",
    );
    expect(await it.modes()).toEqual([
      "755 root:root /etc/chouette",
      "640 root:chouette /etc/chouette/api_key",
      "640 root:chouette /etc/chouette/chouette.env",
      "755 root:root /usr/local/lib/chouette",
      "755 root:root /usr/local/lib/chouette/install.sh",
      "750 chouette:chouette /var/lib/chouette",
    ]);
    expect((await it.exec(["/usr/local/lib/chouette/install.sh", "--uninstall", "--purge"])).code).toBe(0);
    expect(await it.files()).toEqual(before);
    expect((await it.install(["--uninstall"])).stdout).toBe("Chouette is not installed here.\n");
  });
});

test.concurrent("an upgrade keeps the old version", async () => {
  await using it = await machine("dash");
  await it.install([], { API_KEY: "a-key" });
  const upgrade = await it.install(["--version", "1.1.0"]);
  expect(upgrade.code).toBe(0);
  expect(upgrade.stdout).toContain("start the service, and watch it for 30 seconds");
  expect(await it.state()).toEqual(["1.1.0", "active", "enabled", "1.1.0 works"]);
  expect(await it.sh("/usr/local/bin/chouette.previous --version")).toBe("1.0.0\n");
  expect(await it.install([])).toEqual({
    code: 1,
    stdout: expect.any(String),
    stderr: expect.stringContaining("older than the installed 1.1.0"),
  });
});

test.concurrent.each([
  ["1.2.0", "ends", "it has ended (exit-code, exit code 1)"],
  ["1.3.0", "is never ready", "it was not ready within 30 seconds (1.3.0 is never ready)"],
  ["1.4.0", "ends later", "it has ended (exit-code, exit code 1)"],
])("an upgrade to %s, which %s, is rolled back", async (version, conduct, reason) => {
  await using it = await machine("dash");
  await it.install([], { API_KEY: "a-key" });
  const unit = await it.read("/etc/systemd/system/chouette.service");
  const { code, stdout, stderr } = await it.install(["--version", version]);
  expect([code, await it.state()]).toEqual([1, ["1.0.0", "active", "enabled", "1.0.0 works"]]);
  expect(stderr).toContain(`    fake agent ${version} ${conduct}\n`);
  expect(stderr).toContain(
    `install.sh: Chouette ${version} does not work here: ${reason}. Chouette 1.0.0 runs again\n`,
  );
  expect(stdout).toContain(`and visible to ${version} alone: 3 raw metrics, 42 points, 0 logs; `);
  expect(stdout).toContain(
    "stop chouette; /usr/local/bin/chouette.refused flush; systemctl start chouette\n",
  );
  expect(await it.sh("/usr/local/bin/chouette.refused --version")).toBe(`${version}\n`);
  expect(await it.read("/etc/systemd/system/chouette.service")).toBe(unit);
});

test.concurrent("an upgrade after a rollback works like any other", async () => {
  await using it = await machine("busybox");
  await it.install([], { API_KEY: "a-key" });
  expect((await it.install(["--version", "1.2.0"])).code).toBe(1);
  const { code, stderr } = await it.install(["--version", "1.1.0"]);
  expect([stderr, code, await it.state()]).toEqual(["", 0, ["1.1.0", "active", "enabled", "1.1.0 works"]]);
  expect(await it.sh("/usr/local/bin/chouette.previous --version")).toBe("1.0.0\n");
});

test.concurrent("the service is not started without a key, is started with one, and stays stopped if its owner stopped it", async () => {
  await using it = await machine("busybox");
  const first = await it.install([]);
  expect(first.code).toBe(0);
  expect(first.stdout).toEndWith(`
Chouette 1.0.0 is installed, but not started: it has no Datadog API key. Next:
  open /etc/chouette/api_key in an editor  the key alone in one line
  systemctl enable --now chouette         starts it, now and at each boot
`);
  expect(await it.state()).toEqual(["1.0.0", "inactive", "disabled", ""]);

  expect((await it.install([], { DD_API_KEY: "a-key" })).code).toBe(0);
  expect(await it.state()).toEqual(["1.0.0", "active", "enabled", "1.0.0 works"]);

  await it.sh("systemctl stop chouette");
  const upgrade = await it.install(["--version", "1.1.0"]);
  expect(upgrade.stdout).toContain("The service was stopped before, and stays so.");
  expect(await it.state()).toEqual(["1.1.0", "inactive", "enabled", "1.0.0 works"]);

  await it.sh("systemctl disable chouette && systemctl start chouette");
  expect((await it.install(["--version", "1.0.0", "--no-start"])).code).toBe(0);
  expect(await it.state()).toEqual(["1.0.0", "active", "disabled", "1.1.0 works"]);
});

function machine(shell: keyof typeof SHELLS) {
  return startInstalling(releases.installer(server.url), shell);
}
