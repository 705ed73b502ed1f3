import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceManager } from "../../src/io/systemd-notify.ts";

const folder = mkdtempSync(join(tmpdir(), "chouette-notify-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** A manager whose systemd-notify is this script; `said` is what it wrote into $LOG. */
function setUp(script: string | undefined, env: Record<string, string> = {}, limitMs = 5000) {
  const home = join(folder, String(count++));
  const log = join(home, "log");
  mkdirSync(home);
  writeFileSync(log, "");
  if (script !== undefined) {
    writeFileSync(join(home, "systemd-notify"), `#!/bin/sh\nLOG=${log}\n${script}\n`);
    chmodSync(join(home, "systemd-notify"), 0o755);
  }
  // The real one must not be found: only what the script needs is there.
  for (const [name, words] of [["sleep", `exec /bin/sleep "$@"`]] as const) {
    writeFileSync(join(home, name), `#!/bin/sh\n${words}\n`);
    chmodSync(join(home, name), 0o755);
  }
  const complaints: string[] = [];
  const manager = serviceManager(
    { NOTIFY_SOCKET: "/run/systemd/notify", API_KEY: "secret", ...env },
    (why) => complaints.push(why),
    { path: home, limitMs },
  );
  if (manager === undefined) throw new Error("there is no manager");
  return { manager, complaints, said: () => readFileSync(log, "utf8") };
}

const SAY = `for word; do echo "$word" >>$LOG; done; echo . >>$LOG`;

describe("a message", () => {
  test("is sent whole, one after the other", async () => {
    const { manager, complaints, said } = setUp(SAY);
    await Promise.all([
      manager.notify(["READY=1", "STATUS=a b; $(c) 'd'"]),
      manager.notify(["WATCHDOG=1"]),
      manager.notify(["STOPPING=1"]),
    ]);
    expect(said()).toBe("READY=1\nSTATUS=a b; $(c) 'd'\n.\nWATCHDOG=1\n.\nSTOPPING=1\n.\n");
    expect(complaints).toEqual([]);
  });

  test("goes to the manager's socket, without the rest of the environment", async () => {
    const { manager, said } = setUp(`export -p >$LOG`);
    await manager.notify(["READY=1"]);
    const names = [...said().matchAll(/^export (\w+)=/gm)].map(([, name]) => name);
    expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name ?? ""))).toEqual([
      "LC_ALL",
      "NOTIFY_SOCKET",
      "PATH",
    ]);
  });
});

describe("a failure to send is reported once", () => {
  test("the program is missing", async () => {
    const { manager, complaints } = setUp(undefined);
    await manager.notify(["READY=1"]);
    await manager.notify(["READY=1"]);
    expect(complaints).toEqual(["systemd-notify is not there: sudo apt-get install systemd"]);
  });

  test("the program fails", async () => {
    const { manager, complaints } = setUp(
      "echo 'Failed to notify init system: Permission denied' >&2; exit 1",
    );
    await manager.notify(["READY=1"]);
    await manager.notify(["READY=1"]);
    expect(complaints).toEqual(["Failed to notify init system: Permission denied"]);
  });

  test("no process can be started for it, and the next message is sent", async () => {
    const { manager, complaints, said } = setUp(SAY);
    await Promise.all([manager.notify(["STATUS=\0"]), manager.notify(["WATCHDOG=1"])]);
    expect(said()).toBe("WATCHDOG=1\n.\n");
    expect(complaints).toEqual([expect.stringContaining("null bytes")]);
  });

  test("the program hangs: it is killed, and the next message is sent", async () => {
    const { manager, complaints, said } = setUp(
      `echo $1 >>$LOG; case $1 in A*) exec /bin/sleep 1000;; esac`,
      {},
      700,
    );
    await Promise.all([manager.notify(["A=1"]), manager.notify(["B=1"])]);
    expect(said()).toBe("A=1\nB=1\n");
    expect(complaints).toEqual(["systemd-notify did not end within 0.7 s"]);
  });
});

test("there is no manager", () => {
  expect(serviceManager({}, () => {})).toBeUndefined();
  expect(serviceManager({ NOTIFY_SOCKET: "" }, () => {})).toBeUndefined();
});

test.each([
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: String(process.pid) }, 120],
  [{ WATCHDOG_USEC: "1500000" }, 1.5],
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "1" }, undefined],
  [{ WATCHDOG_USEC: "0" }, undefined],
  [{ WATCHDOG_USEC: "soon" }, undefined],
  [{}, undefined],
])("the watchdog of %p", (env, seconds) => {
  expect(setUp(SAY, env as Record<string, string>).manager.watchdog).toBe(seconds);
});
