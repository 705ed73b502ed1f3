import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import type { Board } from "../helpers/emulated-board.ts";
import { startRaspberryPi } from "../helpers/raspberry-pi.ts";
import { type PublishedRelease, publishRelease } from "./release.ts";

/**
 * scripts/test-install.sh: from the line that a person types on a Raspberry Pi to its points at an intake, on an emulated Pi 3 with
 * its own kernel: 64 bits, and 32 bits above the 64-bit kernel, as Raspberry Pi OS is installed on older cards. The tests of one
 * board are steps: each continues where the previous one ended.
 */
setDefaultTimeout(20 * 60_000);

const KEY = "0123456789abcdef0123456789abcdef";
const MONTH = 30 * 86_400;

let release: PublishedRelease;
beforeAll(async () => {
  release = await publishRelease();
});
afterAll(() => release[Symbol.asyncDispose]());

describe.each(["arm64", "armv7"] as const)("a Raspberry Pi 3 with a userland of %s", (userland) => {
  let pi: Board;
  let intake: IntakeServer;
  beforeAll(async () => {
    intake = await startIntake({ apiKey: KEY });
    pi = await startRaspberryPi(userland);
  });
  afterAll(async () => {
    await pi.stop();
    await intake.stop();
  });

  /** Resolves when so many more captures of the temperature have arrived. */
  const captures = (number: number) => {
    const before = secondsOf("Chouette.rpi.temperature").length;
    return intake.until(() => secondsOf("Chouette.rpi.temperature").length >= before + number);
  };
  const secondsOf = (metric: string) => [
    ...(intake.series.get(`${metric}|gauge|host:raspberrypi`)?.keys() ?? []),
  ];
  const property = async (name: string) => (await pi.sh(`systemctl show -P ${name} chouette`)).trim();

  test("one line installs the agent and starts the service", async () => {
    const url = `http://10.0.2.2:${intake.port}`;
    const variables = `API_KEY=${KEY} DATADOG_URL=${url}/api DATADOG_LOGS_URL=${url} CAPTURE_INTERVAL=10 RELEASE_INTERVAL=20`;
    const { code, stdout, stderr } = await pi.exec(["sh", "-c", `${release.download} | ${variables} sh`]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Raspberry Pi 3 Model B, linux-${userland}\n`);
    expect(stdout).toContain(" runs. Next:\n");
    expect(await pi.sh("grep ^COLLECT_PLUGINS= /etc/chouette/chouette.env")).toBe(
      'COLLECT_PLUGINS=["cgroups","host","rpi"]\n',
    );
    expect([await property("ActiveState"), await property("NRestarts")]).toEqual(["active", "0"]);
  });

  test("the temperature of its chip and the load of its host arrive at the intake", async () => {
    await captures(2);
    const millidegrees = Number(await pi.sh("cat /sys/class/thermal/thermal_zone0/temp"));
    const seconds = intake.series.get("Chouette.rpi.temperature|gauge|host:raspberrypi");
    expect(new Set(seconds?.values())).toEqual(new Set([millidegrees / 1000]));
    for (const metric of ["Chouette.host.memory.used", "Chouette.rpi.root.read_only"])
      expect(secondsOf(metric).length).toBeGreaterThan(0);
    expect(intake.sumOf("Chouette.host.fs.used")).toBeGreaterThan(0);
    expect(intake.conflicts).toEqual([]);
  });

  test("before its clock is set, points are sent with the wrong time", async () => {
    const now = Date.now() / 1000;
    const clock = Number(await pi.sh("date +%s"));
    expect(clock).toBeLessThan(now - MONTH);
    for (const at of secondsOf("Chouette.rpi.temperature")) expect(at).toBeWithin(clock - 3600, clock + 3600);
  });

  test("once the clock is set, older records expire, which is logged, and points have the right time", async () => {
    intake.respond(() => ({ status: 503 }));
    const requests = intake.requests.length;
    await intake.until(() => intake.requests.length > requests);
    const right = Math.floor(Date.now() / 1000);
    await pi.sh(`date -s @${right}`);
    intake.respond(() => undefined);
    await intake.until(() => secondsOf("Chouette.rpi.temperature").some((at) => at >= right - 10));
    await pi.sh(
      "journalctl --unit chouette --follow --lines all | grep -m 1 'older than METRIC_TTL and were dropped'",
    );
    expect([await property("ActiveState"), await property("NRestarts")]).toEqual(["active", "0"]);
    expect(intake.conflicts).toEqual([]);
  });

  test("after kill -9 systemd restarts the agent, which continues", async () => {
    await pi.sh("systemctl kill -s KILL chouette");
    await captures(2);
    expect(await property("NRestarts")).toBe("1");
    expect(intake.conflicts).toEqual([]);
  });

  test("CPU, memory and writes stay within their limits", async () => {
    const pid = await property("MainPID");
    const cpuSeconds = async () => Number(await pi.sh(`awk '{ print ($14 + $15) / 100 }' /proc/${pid}/stat`));
    const before = await cpuSeconds();
    await captures(6);
    const cpu = (await cpuSeconds()) - before;
    const started = Number(await property("ExecMainStartTimestampMonotonic"));
    const ready = Number(await property("ActiveEnterTimestampMonotonic"));
    const [status, rollup] = [`/proc/${pid}/status`, `/proc/${pid}/smaps_rollup`];
    const memory = await pi.sh(`grep -hE '^(VmRSS|VmHWM|Pss_Anon|Pss_File):' ${status} ${rollup}`);
    const emulated = `emulated: ready after ${((ready - started) / 1e6).toFixed(1)} s, ${cpu.toFixed(1)} s of CPU in a minute`;
    console.log(`${userland}: ${memory.trim().replace(/\s+/g, " ")}; ${emulated}`);
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(memory)?.[1]);
    expect(kilobytes).toBeWithin(10_000, 150_000);
  });

  test("uninstall --purge leaves nothing behind", async () => {
    const { code } = await pi.exec(["sh", "-c", `${release.download} | sh -s -- --uninstall --purge`]);
    expect(code).toBe(0);
    expect(
      await pi.sh("find / -xdev -iname '*chouette*' -not -path '/proc/*'; getent passwd chouette || true"),
    ).toBe("");
  });
});
