import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { debianRoot, type Suite } from "../../scripts/machines/debian-root.ts";
import { endLeftoverMachines, machineName, removeGroup } from "./leftover-machines.ts";

/**
 * A Debian 12 with a real systemd, in a container of systemd-nspawn: services, notifications, watchdogs, sandboxes and the
 * journal work; limits of memory, CPU and tasks are not enforced. Its network is the host's, so a test's server on 127.0.0.1
 * is there too. Needs root, mmdebstrap and systemd-container.
 */
export type Machine = {
  /** The host's number of its first process: /proc/PID/root is its root. */
  pid: number;
  /** Runs a program in it, as root and with nothing in its environment but PATH, HOME, LANG and `env`. */
  exec(words: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Writes a file, and the folders above it, of root's. The mode is 0644 unless said otherwise. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Copies a file of the host into it. */
  copyIn(hostPath: string, path: string, mode?: number): Promise<void>;
  /** The text of a file; rejects when there is none. */
  read(path: string): Promise<string>;
  /** Pulls the plug and removes what is left of it; may be called again. */
  stop(): Promise<void>;
};

export type ExecOptions = { stdin?: string | Uint8Array; env?: Readonly<Record<string, string>> };

/** The code of a program that a signal ended is 128 and the signal's number, as in a shell. */
export type ExecResult = { code: number; stdout: string; stderr: string };

export type MachineOptions = {
  /** Files and folders of the host by the paths they have in the machine. */
  binds?: Readonly<Record<string, string>>;
  /** Texts of files by their paths, written when it has started. */
  files?: Readonly<Record<string, string>>;
  /** Another Debian than 12. */
  suite?: Suite;
};

/** Starts one on a fresh layer over the cached root, in about half a second: what it writes goes with it. */
export async function startMachine({ binds = {}, files = {}, suite }: MachineOptions = {}): Promise<Machine> {
  const root = await debianRoot("x64", suite);
  await withoutLeftovers();
  const name = machineName(randomBytes(4).toString("hex"));
  const groups = groupFolders().map((folder) => join(folder, name));
  for (const group of groups) mkdirSync(group);
  const nspawn = spawn("sh", ["-c", START, "sh", ...words(name, root, binds)], {
    env: { PATH: process.env.PATH ?? "", GROUPS: groups.join(" "), SYSTEMD_NSPAWN_LOCK: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  nspawn.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const gone = once(nspawn, "close").then(() => groups.forEach(removeGroup));

  const pid = await firstProcess(nspawn, () => said);
  const machine: Machine = {
    pid,
    exec: (program, options) => exec(pid, program, options),
    write: async (path, content, mode = 0o644) => {
      const script = 'mkdir -p "$(dirname "$1")" && rm -f "$1" && cat >"$1" && chmod "$2" "$1"';
      const { code, stderr } = await exec(pid, ["sh", "-c", script, "sh", path, mode.toString(8)], {
        stdin: content,
      });
      if (code !== 0) throw new Error(`writing ${path} failed: ${stderr}`);
    },
    copyIn: async (hostPath, path, mode) => machine.write(path, await readFile(hostPath), mode),
    read: async (path) => {
      const { code, stdout, stderr } = await exec(pid, ["cat", path]);
      if (code !== 0) throw new Error(`reading ${path} failed: ${stderr}`);
      return stdout;
    },
    stop: async () => {
      if (nspawn.exitCode === null && nspawn.signalCode === null) process.kill(pid, "SIGKILL");
      await gone;
    },
  };
  while (!/^(running|degraded)/.test((await exec(pid, ["systemctl", "is-system-running", "--wait"])).stdout))
    if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended (${nspawn.exitCode}):\n${said}`);
  for (const [path, text] of Object.entries(files)) await machine.write(path, text);
  return machine;
}

/** In control groups of its own, because two machines in one group would share it; gone when the test runner is. */
const START = `for group in $GROUPS; do echo $$ >"$group/cgroup.procs"; done
exec setpriv --pdeathsig KILL systemd-nspawn "$@"`;

function words(name: string, root: string, binds: Readonly<Record<string, string>>): string[] {
  return [
    "--quiet",
    "--boot",
    `--directory=${root}`,
    "--volatile=overlay",
    `--machine=${name}`,
    "--register=no",
    "--keep-unit",
    "--console=pipe",
    "--resolv-conf=off",
    "--link-journal=no",
    ...Object.entries(binds).map(([path, hostPath]) => `--bind=${hostPath}:${path}`),
    // In place of the kernel's command line: systemd 256 and later start on control groups v1 only with it.
    "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
  ];
}

/** The child that is the machine's systemd, once there is one. */
async function firstProcess(nspawn: ChildProcess, said: () => string): Promise<number> {
  for (;;) {
    const find = spawn("pgrep", ["-P", String(nspawn.pid), "-x", "systemd"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [found] = await Promise.all([textOf(find.stdout), once(find, "close")]);
    if (found !== "") return Number(found);
    if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended (${nspawn.exitCode}):\n${said()}`);
  }
}

async function exec(
  pid: number,
  program: readonly string[],
  { stdin = "", env = {} }: ExecOptions = {},
): Promise<ExecResult> {
  const child = spawn("nsenter", ["--target", String(pid), "--all", "--", ...program], {
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      LANG: "C.UTF-8",
      ...env,
    },
  });
  // A program may leave a part of its input unread.
  child.stdin.on("error", () => {}).end(stdin);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, "close"),
  ]);
  return { code: code ?? 128 + constants.signals[signal as NodeJS.Signals], stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

let leftoversEnded: Promise<void> | undefined;

/** Once for each test run, before its first machine. */
function withoutLeftovers(): Promise<void> {
  leftoversEnded ??= endLeftoverMachines(groupFolders());
  return leftoversEnded;
}

/** The runner's own group in each hierarchy that systemd uses: of v1 its own one, and that of v2. Machines get theirs below. */
function groupFolders(): string[] {
  const own = readFileSync("/proc/self/cgroup", "utf8");
  const hierarchies = [
    [/^\d+:name=systemd:(.*)$/m, "/sys/fs/cgroup/systemd"],
    [/^0::(.*)$/m, existsSync("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup"],
  ] as const;
  return hierarchies.flatMap(([line, mount]) => {
    const path = line.exec(own)?.[1];
    if (path === undefined || !existsSync(join(mount, "cgroup.procs"))) return [];
    return [join(mount, path)];
  });
}
