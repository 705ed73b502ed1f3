import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
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

const configure = (more: Record<string, string>) =>
  service.configure({
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    AGGREGATE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
    HOST: "pi",
    DOGSTATSD: "true",
    ...more,
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

const SEND = `
import socket, sys
unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
unix.connect(sys.argv[1])
for _ in range(3000): unix.send(sys.argv[2].encode())
`;

/** 3000 packets to the unix socket from an application that waits while the queue is full: it holds 10 here, 512 on a device. */
async function sendUnixDuring(metric: string, command: string): Promise<void> {
  const path = `/proc/${service.machine.pid}/root/run/chouette-dogstatsd.socket`;
  const sender = spawn("python3", ["-c", SEND, path, `${metric}:1|c`], { stdio: "inherit" });
  const ended = once(sender, "exit");
  await service.sh(command);
  expect(await ended).toEqual([0, null]);
}

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

test("no packet that is sent to the unix datagram socket during a restart is lost", async () => {
  await sendUnixDuring("unix.restarted", "systemctl restart chouette");
  await intake.until(() => total("unix.restarted") >= 3000);
  expect(total("unix.restarted")).toBe(3000);
});

test("the sockets survive reloads that turn DogStatsD off and on again", async () => {
  for (const turned of ["false", "true"]) {
    await service.forget();
    await configure({ DOGSTATSD: turned });
    await service.sh("systemctl reload chouette");
    await service.logged(/configuration reloaded/);
  }
  await sendUnixDuring("unix.reloaded", "true");
  await sendDuring("udp.reloaded", "true");
  await intake.until(() => total("unix.reloaded") >= 3000 && total("udp.reloaded") >= 3000);
  expect([total("unix.reloaded"), total("udp.reloaded")]).toEqual([3000, 3000]);
});

test("a stopped service stays stopped, whatever is sent", async () => {
  await service.sh("systemctl stop chouette");
  await sendDuring("stopped", "true").catch(() => {});
  expect(await service.property("ActiveState")).toBe("inactive");
  expect(await service.sh(`systemctl is-active ${SOCKET} || true`)).toBe("inactive");
});
