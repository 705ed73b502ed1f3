import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startInstalling } from "../install/installing.ts";
import { type ReleaseServer, startReleaseServer } from "../install/release-server.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/** Whose releases a machine installs: the key of the first one is pinned on it. As root. */
setDefaultTimeout(120_000);

const KEPT = "/usr/local/lib/chouette/install.sh";

let releases: Releases;
let server: ReleaseServer;
let first: string;
beforeAll(async () => {
  server = await startReleaseServer();
  releases = makeReleases(server.url);
  first = releases.installer();
  server.folders.set("1.0.0", await releases.addFake("1.0.0"));
  server.folders.set("1.0.1-rc.2", await releases.addFake("1.0.1-rc.2"));
  server.folders.set("1.0.1-rc.10", await releases.addFake("1.0.1-rc.10"));
  releases.changeKey("signed by the old key");
  server.folders.set("1.1.0", await releases.addFake("1.1.0"));
  releases.changeKey("signed by the old key");
  server.folders.set("1.2.0", await releases.addFake("1.2.0"));
  releases.changeKey("unknown to the old key");
  server.folders.set("2.0.0", await releases.addFake("2.0.0"));
  server.latest = "1.0.0";
});
afterAll(async () => {
  await server.stop();
  releases[Symbol.dispose]();
});

test.concurrent("the installer that a release leaves upgrades along every key that the one before has signed", async () => {
  await using it = await startInstalling(first, "dash");
  expect((await it.install(["--no-start"])).code).toBe(0);
  expect(await it.read(KEPT)).toBe(first);

  const upgrade = await it.exec([KEPT, "--version", "1.2.0", "--no-start"]);
  expect([upgrade.code, upgrade.stderr]).toEqual([0, ""]);
  expect(upgrade.stdout).toContain("its signature is right, by a new key that the old one has signed");

  const back = await it.exec([KEPT, "--version", "1.0.0", "--no-start"]);
  expect(back.code).toBe(1);
  expect(back.stderr).toContain(`it is not of the key that this machine trusts (${KEPT})`);
});

test.concurrent("a release with an unsigned key is refused, also by its own installer, and nothing changes", async () => {
  await using it = await startInstalling(first, "busybox");
  await it.install(["--no-start"]);
  const before = await it.files();
  const refusals = [await it.exec([KEPT, "--version", "2.0.0"])];
  await it.write("/root/install.sh", releases.installer());
  refusals.push(await it.install(["--version", "2.0.0"]));
  for (const { code, stderr } of refusals) {
    expect(code).toBe(1);
    expect(stderr).toContain("it is not of the key that this machine trusts");
    expect(stderr).toContain(`rm ${KEPT}, then run the new install.sh`);
  }
  expect(await it.files()).toBe(before);

  await it.sh(`rm ${KEPT}`);
  expect((await it.install(["--version", "2.0.0", "--no-start"])).code).toBe(0);
});

test.concurrent("release candidates are ordered by their numbers, and come before the release", async () => {
  await using it = await startInstalling(first, "dash");
  await it.install(["--version", "1.0.1-rc.2", "--no-start"]);
  const newest = async (version: string) => {
    await it.sh(`echo ${version} >/root/VERSION`);
    server.latest = version;
    return (await it.install(["--no-start"])).code;
  };
  expect(await newest("1.0.1-rc.10")).toBe(0);
  expect(await newest("1.0.1-rc.2")).toBe(1);
  server.latest = "1.0.0";
  expect((await it.install(["--no-start"])).stderr).toContain("1.0.0, older than the installed 1.0.1-rc.10");
});

test.concurrent("a user who is not root cannot keep the installer from its work", async () => {
  await using it = await startInstalling(first, "dash");
  const blocker = it.sh(
    "setpriv --reuid=65534 --clear-groups flock /usr/local/bin sh -c 'until [ -e /tmp/done ]; do :; done'",
  );
  expect((await it.install(["--no-start"])).code).toBe(0);
  expect(
    await it.sh("setpriv --reuid=65534 --clear-groups flock -n /run/chouette-install.lock true; echo $?"),
  ).toContain("Permission denied");
  await it.sh("touch /tmp/done");
  await blocker;
});
