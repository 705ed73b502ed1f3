import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describeOwner, fateOf, processOwner } from "../../src/io/process-owner.ts";

const [PID, START, NAMESPACE, BOOT, HOST] = processOwner().split("/");

/** This process with another pid, start, …: what another process would have written. */
function other(parts: { pid?: number; start?: string; namespace?: string; boot?: string }): string {
  const { pid = PID, start = START, namespace = NAMESPACE, boot = BOOT } = parts;
  return [pid, start, namespace, boot, HOST].join("/");
}

describe("processOwner", () => {
  test("names this process: pid, start, pid namespace, boot and host", async () => {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    expect(processOwner()).toMatch(/^\d+\/\d+\/pid:\[\d+\]\/[0-9a-f-]{36}\/.+$/);
    expect([PID, BOOT, HOST]).toEqual([String(process.pid), boot, hostname()]);
    expect(processOwner()).toBe(processOwner());
  });

  test("leaves empty what cannot be read", () => {
    expect(processOwner("/nowhere")).toBe(`${process.pid}////${hostname()}`);
  });
});

describe("the state of an owner's process", () => {
  /** A process that prints its owner's text and waits. */
  async function start() {
    const module = join(import.meta.dir, "../../src/io/process-owner.ts");
    const program = `import { processOwner } from ${JSON.stringify(module)}; console.log(processOwner()); process.stdin.resume();`;
    const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return { child, owner: line.toString().trim() };
  }
  const withBoot = (owner: string) => owner.replace(/[0-9a-f-]{36}/, "00000000-0000-4000-8000-000000000000");

  test("it is alive while it runs, and gone as soon as it is dead", async () => {
    const { child, owner } = await start();
    expect([fateOf(owner, true), fateOf(owner, false)]).toEqual(["alive", "alive"]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([fateOf(owner, true), fateOf(owner, false)]).toEqual(["gone", "gone"]);
  });

  test("it is alive although it saw another boot id, as in the sandbox of a unit in a system container", async () => {
    const { child, owner } = await start();
    expect([fateOf(withBoot(owner), true), fateOf(withBoot(owner), false)]).toEqual(["alive", "alive"]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([fateOf(withBoot(owner), true), fateOf(withBoot(owner), false)]).toEqual(["gone", "unknown"]);
  });

  test("a process of another machine with the pid and start of one of ours is not taken for it", async () => {
    const { child, owner } = await start();
    expect(fateOf(`${withBoot(owner)}-2`, false)).toBe("unknown");
    child.kill("SIGKILL");
  });

  test("one that is stopped is not known to be alive", async () => {
    const { child, owner } = await start();
    child.kill("SIGSTOP");
    while (fateOf(owner, true) === "alive");
    expect(fateOf(owner, true)).toBe("unknown");
    child.kill("SIGKILL");
  });

  test("this process itself is alive", () => {
    expect(fateOf(processOwner(), true)).toBe("alive");
  });

  test("a process whose pid another one has now is gone", () => {
    expect(fateOf(other({ start: "1" }), false)).toBe("gone");
  });

  test("a process of an earlier boot is gone, but only if the storage is of this machine", () => {
    const owner = other({ boot: "00000000-0000-4000-8000-000000000000" });
    expect([fateOf(owner, true), fateOf(owner, false)]).toEqual(["gone", "unknown"]);
  });

  test("nothing is known of another pid namespace, which cannot be seen from here", () => {
    expect(fateOf(other({ pid: 2 ** 22 + 1, namespace: "pid:[1]" }), true)).toBe("unknown");
  });

  test.each([
    ["unknown namespace", () => other({ pid: 2 ** 22 + 1, namespace: "" })],
    ["unknown boot", () => other({ boot: "" })],
    ["unknown start", () => other({ start: "" })],
    ["a text of another origin", () => "someone"],
    ["nothing", () => ""],
  ])("nothing is known without proof: %s", (_, owner) => {
    expect(fateOf(owner(), true)).toBe("unknown");
  });

  test("our own start as an emulator tells it is ours", () => {
    expect(fateOf(other({ start: String(Number(START) + 2) }), true)).toBe("alive");
  });

  test("nothing is known without /proc", () => {
    expect(fateOf(other({ pid: 2 ** 22 + 1 }), true, "/nowhere")).toBe("unknown");
  });

  describe("from a line of /proc/PID/stat", () => {
    /** This process as a /proc shows it with that line in `stat`; undefined: not at all, as with hidepid. */
    async function fate(stat: string | undefined): Promise<string> {
      const proc = await mkdtemp(join(tmpdir(), "chouette-proc-"));
      await mkdir(join(proc, "sys/kernel/random"), { recursive: true });
      await writeFile(join(proc, "sys/kernel/random/boot_id"), `${BOOT}\n`);
      await mkdir(join(proc, "self/ns"), { recursive: true });
      await symlink(String(NAMESPACE), join(proc, "self/ns/pid"));
      if (stat !== undefined) {
        await mkdir(join(proc, String(PID)));
        await writeFile(join(proc, String(PID), "stat"), stat);
      }
      const found = fateOf(processOwner(), true, proc);
      await rm(proc, { recursive: true });
      return found;
    }
    const line = (state: string, start = START) =>
      `${PID} (a) b) (c) ${state} 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 ${start} 9 10\n`;

    test.each([
      ["a living process, whatever its name", line("S"), "alive"],
      ["a zombie, which only waits for its parent", line("Z"), "gone"],
      ["a process that exists and is hidden", undefined, "unknown"],
      ["a line that cannot be understood", "nonsense", "unknown"],
    ])("%s", async (_, stat, expected) => {
      expect(await fate(stat)).toBe(expected);
    });
  });
});

test("describeOwner returns pid and host, and any other text unchanged", () => {
  expect(describeOwner("812/120345/pid:[4026531836]/5c7f/pi4")).toBe("pid 812 on host pi4");
  expect(describeOwner("812////pi4")).toBe("pid 812 on host pi4");
  expect(describeOwner("someone")).toBe("someone");
});
