import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { installService, KEY, type Service } from "./service.ts";

/** scripts/test-install.sh: the sockets of chouette-dogstatsd.socket under a real systemd. As root. */
setDefaultTimeout(60_000);

const SOCKET = "chouette-dogstatsd.socket";

let intake: IntakeServer;
let service: Service;

beforeAll(async () => {
  intake = await startIntake({ apiKey: KEY });
  service = await installService();
  await service.machine.copyIn(
    join(import.meta.dir, "../../systemd", SOCKET),
    `/etc/systemd/system/${SOCKET}`,
  );
  await service.configure({
    DOGSTATSD: "true",
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    AGGREGATE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
    HOST: "pi",
  });
  await service.sh(`systemctl daemon-reload; systemctl enable ${SOCKET}`);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await intake?.stop();
});

const total = (metric: string) =>
  [...(intake.series.get(`${metric}|count|host:pi`)?.values() ?? [])].reduce((sum, value) => sum + value, 0);

/** 3000 lines from a shell, each in a packet of its own, while the command runs. */
function sendDuring(metric: string, command: string): Promise<string> {
  const send = `for i in $(seq 3000); do echo -n "${metric}:1|c" >/dev/udp/127.0.0.1/8125; done`;
  return service.sh(`exec bash -c '(${send}) & ${command}; wait'`);
}

test("the socket unit is valid in every line", async () => {
  const verified = await service.machine.exec(["systemd-analyze", "verify", SOCKET]);
  expect(verified).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("both sockets are handed to the agent, and every user may send", async () => {
  await service.sh("systemctl start chouette");
  await service.logged(/UDP 127\.0\.0\.1:8125/);
  await service.logged(/unix datagram socket/);
  expect(await service.sh("stat -c %a /run/chouette-dogstatsd.socket")).toBe("666");
});

test("no packet that is sent during a restart is lost", async () => {
  await sendDuring("restarted", "systemctl restart chouette");
  await intake.until(() => total("restarted") >= 3000);
  expect(total("restarted")).toBe(3000);
});

test("a stopped service stays stopped, whatever is sent", async () => {
  await service.sh("systemctl stop chouette");
  await sendDuring("stopped", "true").catch(() => {});
  expect(await service.property("ActiveState")).toBe("inactive");
  expect(await service.sh(`systemctl is-active ${SOCKET} || true`)).toBe("inactive");
});
