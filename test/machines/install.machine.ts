import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ExecResult } from "../helpers/nspawn.ts";
import { type Installing, startInstalling } from "../install/installing.ts";
import { type ReleaseServer, startReleaseServer } from "../install/release-server.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/**
 * install.sh killed with all its children before each of its calls that change something, as a power cut would end it: the
 * machine works all the same, and the same line typed again brings it to where it was to be. As root, some 20 minutes.
 */
setDefaultTimeout(3_600_000);

const CHANGING = "chmod chown cp curl gzip ln mkdir mktemp mv rm rmdir sync systemctl useradd usermod";

/** In front of each of these programs: the n-th call, n from /root/end-at, ends the process group. */
const TRAP = `#!/bin/bash
echo "\${0##*/} $*" >>/root/calls
[ "$(wc -l </root/calls)" != "$(cat /root/end-at)" ] || kill -9 0
PATH=\${PATH#/root/traps:}
exec "\${0##*/}" "$@"
`;

let releases: Releases;
let server: ReleaseServer;
beforeAll(async () => {
  releases = makeReleases();
  server = await startReleaseServer();
  for (const [version, conduct] of [
    ["1.0.0", "works"],
    ["1.1.0", "works"],
    ["1.2.0", "ends"],
  ] as const)
    server.folders.set(version, await releases.addFake(version, conduct));
  server.latest = "1.0.0";
});
afterAll(async () => {
  await server.stop();
  releases[Symbol.dispose]();
});

test.concurrent("a new installation", async () => {
  await using it = await trapped();
  await atEachCall(it, "--version 1.0.0", {
    before: () => it.install(["--uninstall", "--purge"]),
    interrupted: async () => {},
    again: async ({ code, stderr }) =>
      expect([stderr, code, await it.state()]).toEqual([
        "",
        0,
        ["1.0.0", "active", "enabled", "1.0.0 works"],
      ]),
  });
});

test.concurrent("an upgrade", async () => {
  await using it = await trapped();
  await atEachCall(it, "--version 1.1.0", {
    before: () => installed(it),
    interrupted: () => stillWorks(it, ["1.0.0", "1.1.0"]),
    again: async ({ code, stderr }) => {
      expect([stderr, code, await it.state()]).toEqual([
        "",
        0,
        ["1.1.0", "active", "enabled", "1.1.0 works"],
      ]);
      expect(await it.sh("/usr/local/bin/chouette.previous --version")).toBe("1.0.0\n");
    },
  });
});

test.concurrent("an upgrade that is rolled back", async () => {
  await using it = await trapped();
  await atEachCall(it, "--version 1.2.0", {
    before: () => installed(it),
    interrupted: async () => {},
    again: async ({ code, stderr }) =>
      expect([stderr, code, await it.state()]).toEqual([
        expect.stringContaining("Chouette 1.2.0 does not work here"),
        1,
        ["1.0.0", "active", "enabled", "1.0.0 works"],
      ]),
  });
});

type Scenario = {
  before(): Promise<unknown>;
  /** What holds after the interruption and a reboot. */
  interrupted(): Promise<void>;
  /** What holds when the same was typed again. */
  again(result: ExecResult): Promise<void>;
};

async function atEachCall(it: Installing, words: string, { before, interrupted, again }: Scenario) {
  const endAt = async (call: number) => {
    await before();
    await it.sh(`echo ${call} >/root/end-at; : >/root/calls`);
    return it.exec(["sh", "-c", `PATH=/root/traps:$PATH setsid -w dash /root/install.sh ${words}`], {
      env: KEY,
    });
  };
  const whole = await endAt(0);
  await again(whole);
  const left = await leftovers(it);
  const calls = (await it.read("/root/calls")).trimEnd().split("\n");
  expect(calls.length).toBeGreaterThan(20);
  for (const [at, call] of calls.entries()) {
    const { code } = await endAt(at + 1);
    expect([call, code]).toEqual([call, 137]);
    await interrupted();
    await again(await it.install(words.split(" "), KEY));
    expect([call, await leftovers(it)]).toEqual([call, left]);
  }
}

const KEY = { API_KEY: "a-key" };

async function trapped(): Promise<Installing> {
  // Three seconds are enough for agents that do as they are told.
  const installer = releases.installer(server.url).replace("\nPATIENCE=30\n", "\nPATIENCE=3\n");
  const it = await startInstalling(installer, "dash");
  await it.write("/root/traps/trap", TRAP, 0o755);
  await it.sh(`cd /root/traps && for name in ${CHANGING}; do ln -s trap $name; done`);
  return it;
}

async function installed(it: Installing): Promise<void> {
  await it.install(["--uninstall", "--purge"]);
  await it.install(["--version", "1.0.0"], KEY);
}

/** As after a reboot: what is on the disk starts. */
async function stillWorks(it: Installing, versions: readonly string[]): Promise<void> {
  await it.sh("systemctl daemon-reload; systemctl restart chouette");
  const [version = "", ...rest] = await it.state();
  expect(versions).toContain(version);
  expect(rest).toEqual(["active", "enabled", `${version} works`]);
}

async function leftovers(it: Installing): Promise<string> {
  return it.sh("ls -A /usr/local/bin /etc/chouette /etc/systemd/system; cat /etc/chouette/api_key");
}
