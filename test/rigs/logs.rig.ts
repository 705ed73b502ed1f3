import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { installService, KEY, type Service } from "./service.ts";

/** scripts/test.sh: the service takes the journal and a file under a real systemd, and delivers to an intake outside. As root. */
setDefaultTimeout(60_000);

let intake: IntakeServer;
let service: Service;

beforeAll(async () => {
  intake = await startIntake({ apiKey: KEY });
  service = await installService();
  await service.configure({
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    RELEASE_INTERVAL: "1",
    HOST: "pi",
    JOURNALD_UNITS: '[{"unit":"*","include":["^rig "]}]',
    LOG_FILES: "/srv/app.log",
  });
  await service.override("quick", ["RestartSec=0.1"]);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await intake?.stop();
});

const messages = (start: string) =>
  intake.logs.map(({ message }) => String(message)).filter((message) => message.startsWith(start));

const arrived = (start: string, count: number) => intake.until(() => messages(start).length >= count);

/** Runs `chouette test-plugins` as the README says. */
const testPlugins = async () =>
  (await service.machine.exec(["/usr/local/bin/chouette", "test-plugins", "--json"])).stdout;

test("without its group the journal is not read, and test-plugins prints the command that gives it", async () => {
  await service.sh("systemctl start chouette");
  const { logs } = JSON.parse(await testPlugins());
  const journal = logs.find(({ name }: { name: string }) => name === "journal");
  expect(journal).toMatchObject({ ok: false, reason: expect.stringContaining("systemd-journal") });
  await service.sh(journal.remedy.replaceAll("sudo ", ""));
  const again = JSON.parse(await testPlugins());
  expect(again.logs.find(({ name }: { name: string }) => name === "journal")).toMatchObject({ ok: true });
});

test("every entry of the journal and every line of a file arrives once, through kill -9 and restarts of journald", async () => {
  await service.sh("touch /srv/app.log && chmod 644 /srv/app.log && systemctl restart chouette");
  await service.sh(
    "for i in 1 2 3; do echo rig warm $i | systemd-cat -t rig; echo file warm $i >>/srv/app.log; sleep 1; done",
  );
  await arrived("rig warm", 1);
  await arrived("file warm", 1);
  for (let round = 0; round < 6; round++) {
    await service.sh(
      `for i in $(seq 50); do echo "rig ${round} $i" ; done | systemd-cat -t rig -p warning
      for i in $(seq 50); do echo "file ${round} $i" >>/srv/app.log; done`,
    );
    const trouble = [
      "systemctl kill -s KILL chouette",
      "systemctl restart systemd-journald",
      "journalctl --rotate",
      "systemctl restart chouette",
      "mv /srv/app.log /srv/app.log.1; touch /srv/app.log; chmod 644 /srv/app.log",
      "mv /srv/app.log.1 /srv/app.log.2; cp /srv/app.log /srv/app.log.1; : >/srv/app.log",
    ][round];
    await service.sh(trouble ?? "true");
  }
  const expected = (what: string) =>
    Array.from({ length: 300 }, (_, i) => `${what} ${Math.floor(i / 50)} ${(i % 50) + 1}`).sort();
  const taken = (what: string) =>
    messages(what)
      .filter((it) => /^\w+ \d/.test(it))
      .sort();
  await intake.until(() => taken("rig").length >= 300 && taken("file").length >= 300);
  await service.sh("systemctl stop chouette");
  expect(taken("rig")).toEqual(expected("rig"));
  expect(taken("file")).toEqual(expected("file"));
  expect(intake.logs.find(({ message }) => message === "rig 0 1")).toMatchObject({
    status: "warn",
    service: "rig",
  });
});

test("logger's messages arrive without their headers, and inspect-queue shows every source", async () => {
  await service.configure({
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    RELEASE_INTERVAL: "1",
    HOST: "pi",
    LOGS_LISTEN: "udp:5514",
  });
  await service.sh("systemctl start chouette");
  await service.sh("until grep -q ':158A ' /proc/net/udp; do sleep 0.1; done");
  await service.sh("logger --server 127.0.0.1 --port 5514 --tag backup --priority user.err disk full");
  await arrived("disk full", 1);
  expect(intake.logs.at(-1)).toMatchObject({ message: "disk full", status: "error", service: "backup" });
  const { stdout } = await service.machine.exec(["/usr/local/bin/chouette", "inspect-queue", "--json"]);
  const sources = JSON.parse(stdout).logs.map(({ source }: { source: string }) => source);
  expect(sources).toEqual(["file:/srv/app.log", "journal", "udp:5514"]);
});
