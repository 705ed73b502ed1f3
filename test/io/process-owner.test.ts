import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describeOwner, ownerIsGone, processOwner } from "../../src/io/process-owner.ts";

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

describe("ownerIsGone", () => {
  test("is false while the process lives, and true once it is dead", async () => {
    const module = join(import.meta.dir, "../../src/io/process-owner.ts");
    const program = `import { processOwner } from ${JSON.stringify(module)}; console.log(processOwner()); process.stdin.resume();`;
    const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const owner = line.toString().trim();
    expect([ownerIsGone(owner, true), ownerIsGone(owner, false)]).toEqual([false, false]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([ownerIsGone(owner, true), ownerIsGone(owner, false)]).toEqual([true, true]);
  });

  test("is false for this process", () => {
    expect(ownerIsGone(processOwner(), true)).toBe(false);
  });

  test("is true for a process whose pid was reused", () => {
    expect(ownerIsGone(other({ start: "1" }), false)).toBe(true);
  });

  test("is true for a process of an earlier boot, if the storage is local", () => {
    const owner = other({ boot: "00000000-0000-4000-8000-000000000000" });
    expect([ownerIsGone(owner, true), ownerIsGone(owner, false)]).toEqual([true, false]);
  });

  test("is false for a process of another pid namespace, which cannot be seen", () => {
    expect(ownerIsGone(other({ pid: 2 ** 22 + 1, namespace: "pid:[1]" }), true)).toBe(false);
  });

  test.each([
    ["unknown namespace", () => other({ pid: 2 ** 22 + 1, namespace: "" })],
    ["unknown boot", () => other({ boot: "" })],
    ["unknown start", () => other({ start: "" })],
    ["our start as an emulator tells it", () => other({ start: String(Number(START) + 2) })],
    ["a text of another origin", () => "someone"],
    ["nothing", () => ""],
  ])("is false without proof: %s", (_, owner) => {
    expect(ownerIsGone(owner(), true)).toBe(false);
  });

  test("is false without /proc", () => {
    expect(ownerIsGone(other({ pid: 2 ** 22 + 1 }), true, "/nowhere")).toBe(false);
  });

  describe("with a /proc of its own", () => {
    /** This process as a /proc shows it with that line in `stat`; undefined: not at all, as with hidepid. */
    async function isGone(stat: string | undefined): Promise<boolean> {
      const proc = await mkdtemp(join(tmpdir(), "chouette-proc-"));
      await mkdir(join(proc, "sys/kernel/random"), { recursive: true });
      await writeFile(join(proc, "sys/kernel/random/boot_id"), `${BOOT}\n`);
      await mkdir(join(proc, "self/ns"), { recursive: true });
      await symlink(String(NAMESPACE), join(proc, "self/ns/pid"));
      if (stat !== undefined) {
        await mkdir(join(proc, String(PID)));
        await writeFile(join(proc, String(PID), "stat"), stat);
      }
      const gone = ownerIsGone(processOwner(), true, proc);
      await rm(proc, { recursive: true });
      return gone;
    }
    const line = (state: string, start = START) =>
      `${PID} (a) b) (c) ${state} 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 ${start} 9 10\n`;

    test("is false for a living process, whatever its name", async () => {
      expect(await isGone(line("S"))).toBe(false);
    });

    test("is true for a zombie", async () => {
      expect(await isGone(line("Z"))).toBe(true);
    });

    test("is false for a hidden process", async () => {
      expect(await isGone(undefined)).toBe(false);
    });

    test("is false when its line cannot be parsed", async () => {
      expect(await isGone("nonsense")).toBe(false);
    });
  });
});

test("describeOwner returns pid and host, and any other text unchanged", () => {
  expect(describeOwner("812/120345/pid:[4026531836]/5c7f/pi4")).toBe("pid 812 on host pi4");
  expect(describeOwner("812////pi4")).toBe("pid 812 on host pi4");
  expect(describeOwner("someone")).toBe("someone");
});
