import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { startInstalling } from "../install/installing.ts";
import { type ReleaseServer, startReleaseServer } from "../install/release-server.ts";
import { makeReleases, type Releases } from "../install/releases.ts";

/** What install.sh does with settings and keys, given or installed. As root. */
setDefaultTimeout(200_000);

const ENV = "/etc/chouette/chouette.env";

let releases: Releases;
let server: ReleaseServer;
let intake: IntakeServer;
let url: string;
beforeAll(async () => {
  server = await startReleaseServer();
  releases = makeReleases(server.url);
  intake = await startIntake({ apiKey: "a-key" });
  url = `${intake.url}/api`;
  server.folders.set("1.0.0", await releases.addFake("1.0.0"));
  server.folders.set("1.1.0", await releases.addFake("1.1.0"));
  server.latest = "1.0.0";
});
afterAll(async () => {
  await server.stop();
  await intake.stop();
  releases[Symbol.dispose]();
});

const machine = () => startInstalling(releases.installer(), "dash");

test.concurrent("an upgrade whose settings the new version refuses changes nothing, and names file and line", async () => {
  await using it = await machine();
  await it.install([], { API_KEY: "a-key", DATADOG_URL: url });
  await it.sh(`echo CAPTURE_INTERVAL=soon >>${ENV}`);
  const line = (await it.sh(`wc -l <${ENV}`)).trim();
  const [before, pid] = [await it.files(), await it.mainPid()];
  const { code, stderr } = await it.install(["--version", "1.1.0"]);
  expect([code, await it.files(), await it.mainPid()]).toEqual([1, before, pid]);
  expect(stderr).toContain("install.sh: Chouette 1.1.0 refuses the settings; nothing has been changed\n");
  expect(stderr).toContain(`${ENV}:${line}: CAPTURE_INTERVAL: got "soon", expects a number?[2J\n`);
  expect(stderr).toContain("  then: sh /root/install.sh --version 1.1.0\n");
});

test.concurrent("a mistake in what is given is refused before there is anything", async () => {
  await using it = await machine();
  const before = await it.files();
  const { code, stderr } = await it.install([], { API_KEY: "a-key", CAPTURE_INTERVAL: "soon" });
  expect([code, await it.files()]).toEqual([1, before]);
  expect(stderr).toContain('CAPTURE_INTERVAL: got "soon"');
});

test.concurrent("a second run takes a new key, site, host and tags, and names what it ignores", async () => {
  await using it = await machine();
  const given = { API_KEY: "old-key", DATADOG_URL: "http://127.0.0.1:1", DD_HOSTNAME: "cellar" };
  await it.install([], given);
  await it.sh(`sed -i 's/^HOST=/DD_HOSTNAME=/' ${ENV}; echo "# by hand" >>${ENV}`);
  const pid = await it.mainPid();
  const { code, stdout } = await it.install([], {
    API_KEY: "new-key",
    DD_SITE: "datadoghq.eu",
    HOST: "attic",
    DD_TAGS: "env:prod",
    REDIS_URL: "redis://h",
    LOG_LEVEL: "DEBUG",
  });
  expect(code).toBe(0);
  expect(stdout).toContain(`ignored, as ${ENV} is there already: REDIS_URL, LOG_LEVEL; to change them: `);
  expect(stdout).toContain(`change ${ENV}: DD_SITE, HOST, GLOBAL_TAGS\n`);
  expect(stdout).toContain("write the API key into /etc/chouette/api_key\n");
  expect(await it.settings()).toEqual([
    'COLLECT_PLUGINS=["host","docker"]',
    "GLOBAL_TAGS=env:prod",
    "DD_SITE=datadoghq.eu",
    "HOST=attic",
    "DATADOG_URL=http://127.0.0.1:1",
  ]);
  expect(await it.read(ENV)).toEndWith("# by hand\n");
  expect(await it.sh(`stat -c '%a %U:%G' ${ENV} /etc/chouette/api_key`)).toBe(
    "640 root:chouette\n640 root:chouette\n",
  );
  expect(await it.read("/etc/chouette/api_key")).toBe("new-key\n");
  expect(await it.mainPid()).not.toBe(pid);
});

test.concurrent("a key that the site refuses is not installed; a site that does not answer is only noted", async () => {
  await using it = await machine();
  const before = await it.files();
  const refused = await it.install([], { API_KEY: "wrong-key", DATADOG_URL: url });
  expect([refused.code, await it.files()]).toEqual([1, before]);
  expect(refused.stderr).toContain("refuses this API key (HTTP 403); nothing has been changed");

  const offline = await it.install(["--no-start"], {
    API_KEY: "wrong-key",
    DATADOG_URL: "http://127.0.0.1:1/api",
  });
  expect([offline.code, offline.stderr]).toEqual([0, ""]);
  expect(offline.stdout).toContain("note: the API key is not verified: no answer from 127.0.0.1:1");
});

test.concurrent("Ctrl-C at the question for the key says that nothing has changed and what to do", async () => {
  await using it = await machine();
  const before = await it.files();
  const screen =
    await it.sh(`mkfifo /tmp/keys; env --default-signal=INT script -qec 'sh /root/install.sh' /dev/null </tmp/keys >/tmp/out & exec 3>/tmp/keys
until grep -q 'Datadog site' /tmp/out; do :; done; echo >&3
until grep -q 'Enter: later' /tmp/out; do :; done; printf '\\003' >&3
wait; rm /tmp/keys; cat /tmp/out`);
  expect(screen).toContain("interrupted at the question for the API key; nothing has been changed");
  expect(screen).toContain("run this again");
  expect(await it.files()).toBe(before);
});

test.concurrent("--purge says what has not been delivered, and asks on a terminal", async () => {
  await using it = await machine();
  const before = await it.files();
  await it.install(["--no-start"], { DATADOG_URL: url });
  const dry = await it.install(["--uninstall", "--purge", "--dry-run"]);
  expect(dry.stdout).toContain(
    "not delivered yet, and deleted with /var/lib/chouette and /run/chouette: 3 raw metrics, 42 points, 0 logs",
  );
  const answer = (word: string) =>
    it.sh(`rm -f /tmp/keys /tmp/out; mkfifo /tmp/keys
script -qec 'sh /root/install.sh --uninstall --purge' /dev/null </tmp/keys >/tmp/out & exec 3>/tmp/keys
until grep -q 'y/N' /tmp/out; do :; done; echo ${word} >&3; wait; cat /tmp/out`);
  expect(await answer("")).toContain("nothing has been removed");
  expect(await it.sh("ls /usr/local/bin/chouette")).toBe("/usr/local/bin/chouette\n");
  expect(await answer("y")).toContain("Chouette is removed.");
  await it.sh("rm /tmp/keys");
  expect(await it.files()).toBe(before);
});

test.concurrent("--dry-run promises what the real run does", async () => {
  await using it = await machine();
  const promises = async (words: string[], env: Record<string, string>) => {
    const dry = await it.install([...words, "--dry-run"], env);
    const real = await it.install(words, env);
    expect([dry.code, real.code]).toEqual([0, 0]);
    return { dry: deeds(dry.stdout.replaceAll(/^ {2}would /gm, "  ")), real: deeds(real.stdout) };
  };
  const settings = { API_KEY: "a-key", DATADOG_URL: url };
  for (const [words, env] of [
    [[], settings],
    [[], {}],
    [[], { GLOBAL_TAGS: "a:b" }],
    [["--version", "1.1.0"], {}],
    [["--uninstall"], {}],
    [["--uninstall", "--purge"], {}],
  ] as [string[], Record<string, string>][]) {
    const { dry, real } = await promises(words, env);
    expect(dry).toEqual(real);
  }
});

/** What is done to the machine, without what only one of the two can know. */
function deeds(text: string): string[] {
  const shown = /^ {2}(make|put|write|change|keep|enable|start|stop|remove|add) /;
  return text
    .split("\n")
    .filter((line) => shown.test(line))
    .map((line) => line.replace(/ \(COLLECT_PLUGINS=.*|, with the plugins for .*/, ""));
}
