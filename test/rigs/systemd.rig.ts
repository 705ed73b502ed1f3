import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { type Queues, rawRecord, redisQueues } from "../helpers/queues.ts";
import { installService, KEY, type Service } from "./service.ts";

/** scripts/test.sh: the unit under a real systemd, its Redis and intake outside. As root. */
setDefaultTimeout(60_000);

let queues: Queues & Awaited<ReturnType<typeof redisQueues>>;
let intake: IntakeServer;
let service: Service;
/** Intervals of a second, and every capture a point. */
let env: Record<string, string>;

beforeAll(async () => {
  queues = await redisQueues(["--unixsocketperm", "777"]);
  const folder = dirname(queues.server.socket);
  chmodSync(folder, 0o755);
  intake = await startIntake({ apiKey: KEY });
  service = await installService({ "/srv/redis": folder });
  env = {
    REDIS_URL: "unix:///srv/redis/redis.sock",
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    AGGREGATE_INTERVAL: "1",
    CAPTURE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
    HOST: "pi",
    COLLECT_PLUGINS: "/srv/plugin.js",
  };
  await service.machine.write("/srv/plugin.js", PLUGIN);
  await service.override("quick", ["RestartSec=0.1"]);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await intake?.stop();
  await queues?.stop();
});
beforeEach(async () => {
  await service.sh(
    "systemctl stop chouette; systemctl reset-failed chouette 2>/dev/null; rm -f /run/trouble; true",
  );
  await service.configure(env);
  await service.forget();
});

/** A slow module that obeys a command at its next capture: what a custom module may do to the agent. */
const PLUGIN = `
import { readFileSync } from "node:fs";
let count = 0;
export default { async collect() {
  let trouble = "";
  try { trouble = readFileSync("/run/trouble", "utf8").trim(); } catch {}
  if (trouble === "endless loop") for (;;);
  if (trouble === "broken Promise") Promise.race = () => new Promise(() => {});
  await new Promise((done) => setTimeout(done, 300));
  return [{ metric: "captures", value: ++count }];
} };
`;

test("the runtime's own switches are not handed on to the agent", async () => {
  await service.sh(
    "systemctl set-environment NODE_OPTIONS=--no-such BUN_BE_BUN=1 NODE_TLS_REJECT_UNAUTHORIZED=0",
  );
  await service.override("switches", ['Environment="BUN_OPTIONS=--no-such" KEPT=yes']);
  await start();
  const seen = await service.sh("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID chouette)/environ");
  expect(seen.split("\n").filter((line) => /^(KEPT|BUN_|NODE_)/.test(line))).toEqual(["KEPT=yes"]);
  await service.sh(
    "systemctl unset-environment NODE_OPTIONS BUN_BE_BUN NODE_TLS_REJECT_UNAUTHORIZED; rm /etc/systemd/system/chouette.service.d/switches.conf; systemctl daemon-reload",
  );
});

const start = () => service.sh("systemctl start chouette");
const captures = (tag = "") =>
  [...intake.series].flatMap(([identity, seconds]) =>
    identity.startsWith("captures|") && identity.includes(tag) ? [...seconds.keys()] : [],
  );

/** So many counts of 1, spread over the last seconds. */
async function count(metric: string, times: number): Promise<void> {
  const now = Date.now() / 1000;
  const records = Array.from({ length: times }, (_, index) =>
    rawRecord({ metric, type: "count", value: 1, timestamp: now - (index % 5), tags: {} }),
  );
  await queues.write("chouette:metrics:raw", records);
}

describe("the unit", () => {
  test("is valid in every line", async () => {
    const verified = await service.machine.exec(["systemd-analyze", "verify", "chouette.service"]);
    expect(verified).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("is exposed no more than 2.0", async () => {
    const unit = "/etc/systemd/system/chouette.service";
    const judged = await service.sh(
      `systemd-analyze security --offline=true --threshold=20 ${unit} | tail -1`,
    );
    expect(judged).toMatch(/ exposure level for chouette\.service: (1\.\d|2\.0) OK/);
  });
});

test("does not delay the boot, and has the network until it has stopped", async () => {
  await service.sh("systemctl enable chouette");
  const after = (unit: string) => service.sh(`systemctl show -P After ${unit}`);
  expect(await service.sh("systemctl show -P Wants multi-user.target")).toContain("chouette.service");
  expect(await after("multi-user.target")).not.toContain("chouette.service");
  expect(await after("chouette")).toContain("network.target");
  await service.sh("systemctl disable chouette");
});

describe("the service is ready", () => {
  test("once the first capture is stored, and shows its status", async () => {
    await start();
    expect(await service.property("ActiveState")).toBe("active");
    await intake.until(() => captures().length > 0);
    const since = await service.sh('date -d "$(systemctl show -P ActiveEnterTimestamp chouette)" +%s');
    expect(Math.min(...captures())).toBeLessThanOrEqual(Number(since));
    await service.becomes("StatusText", /(^|; )metrics: \d+ sent at \d\d:\d\d:\d\d UTC, \d+ queued(;|$)/);
  });

  test("though Redis is unreachable, and delivers its captures meanwhile", async () => {
    await queues.server.kill();
    const begin = Math.floor(Date.now() / 1000);
    await service.sh("systemctl start chouette");
    expect(await service.property("ActiveState")).toBe("active");
    await service.logged(/Redis at unix:\/\/\/srv\/redis\/redis\.sock is not running/);
    await intake.until(() => captures().some((at) => at > begin + 1));
    const pid = await service.property("MainPID");
    await queues.server.restart();
    await service.logged(/Redis is back/);
    expect([await service.property("MainPID"), await service.property("NRestarts")]).toEqual([pid, "0"]);
  });
});

describe("a reload", () => {
  test("applies the file in the same process, and every count arrives once", async () => {
    await start();
    const pid = await service.property("MainPID");
    for (const tag of ["round:1", "round:2"]) {
      await count("my.count", 50);
      await service.configure({ ...env, GLOBAL_TAGS: tag });
      await service.sh("systemctl reload chouette");
      await count("my.count", 50);
      await intake.until(() => captures(tag).length >= 2);
    }
    await intake.until(() => intake.sumOf("my.count") >= 200);
    expect([intake.sumOf("my.count"), intake.conflicts]).toEqual([200, []]);
    expect(await service.property("MainPID")).toBe(pid);
  });

  test("is rejected with every mistake, and the agent continues", async () => {
    await start();
    const pid = await service.property("MainPID");
    await service.configure({ ...env, LOG_LEVEL: "loud", RELEASE_INTERVAL: "soon", GLOBAL_TAGS: "wrong:1" });
    const reload = await service.machine.exec(["systemctl", "reload", "chouette"]);
    expect(reload.code).toBe(1);
    const wrong = [/LOG_LEVEL: got "loud"/, /RELEASE_INTERVAL: got "soon"/];
    for (const words of wrong) expect(await service.journal()).toMatch(words);
    // Told past the check, it refuses just as well, in one line.
    await service.sh("systemctl kill --kill-whom=main --signal=HUP chouette");
    await service.logged(/reload rejected.*: RELEASE_INTERVAL: got .*; LOG_LEVEL: got /);
    await count("after.refusal", 3);
    await intake.until(() => intake.sumOf("after.refusal") === 3);
    expect([await service.property("MainPID"), captures("wrong:1")]).toEqual([pid, []]);
  });
});

test("kill -9 during deliveries loses no count", async () => {
  await start();
  for (let round = 1; round <= 2; round++) {
    await count("killed.count", 200);
    await queues.changed(1);
    await service.sh("systemctl kill --kill-whom=main --signal=KILL chouette");
    await service.becomes("NRestarts", new RegExp(`^${round}$`));
  }
  await service.becomes("ActiveState", /^active$/);
  await intake.until(() => intake.sumOf("killed.count") >= 400);
  expect([intake.sumOf("killed.count"), intake.conflicts]).toEqual([400, []]);
});

test("an invalid configuration stops the service with exit code 2, without a restart", async () => {
  await service.configure({ ...env, CAPTURE_INTERVAL: "soon" });
  expect((await service.machine.exec(["systemctl", "start", "chouette"])).code).toBe(1);
  const state = ["ActiveState", "ExecMainStatus", "NRestarts"].map(service.property);
  expect(await Promise.all(state)).toEqual(["failed", "2", "0"]);
  expect(await service.journal()).toContain(
    'CAPTURE_INTERVAL: got "soon", expects a whole number of seconds',
  );
});

test("a missing API key is named in the journal", async () => {
  await service.sh("mv /etc/chouette/api_key /etc/chouette/no_key");
  expect((await service.machine.exec(["systemctl", "start", "chouette"])).code).toBe(1);
  expect(await service.property("ExecMainStatus")).toBe("2");
  expect(await service.journal()).toContain("api_key is empty: ");
  await service.sh("mv /etc/chouette/no_key /etc/chouette/api_key");
});

describe("the watchdog restarts the service", () => {
  beforeEach(async () => {
    await service.override("watchdog", ["WatchdogSec=2", "TimeoutAbortSec=1"]);
    await start();
  });

  test.each([
    ["when its process is stopped", "systemctl kill --kill-whom=main --signal=STOP chouette"],
    ["when a module blocks the processor forever", "echo endless loop >/run/trouble"],
    ["when a lane hangs while all others continue", "echo broken Promise >/run/trouble"],
  ])("%s", async (_, trouble) => {
    await service.sh(trouble);
    await service.logged(/Watchdog timeout/);
    await service.sh("rm -f /run/trouble");
    await service.becomes("NRestarts", /^1$/);
    await service.becomes("ActiveState", /^active$/);
    if (!trouble.includes("Promise")) return;
    expect(await service.journal()).toMatch(/lane collect is stuck: no progress for \d+ s; .*watchdog/);
  });
});

test("a stopped service still sends the last counts", async () => {
  await start();
  await intake.until(() => captures().length > 0);
  await count("last.count", 7);
  await service.sh("systemctl stop chouette");
  expect(intake.sumOf("last.count")).toBe(7);
  expect(await service.property("Result")).toBe("success");
});
