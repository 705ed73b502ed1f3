import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Architecture, debianRoot } from "../../scripts/machines/debian-root.ts";
import { foreignPrograms } from "../../scripts/machines/foreign-programs.ts";
import type { ExecOptions, ExecResult } from "./nspawn.ts";

/**
 * The root file system of an ARM device on this machine's kernel: each program in it runs under QEMU's emulator of one
 * processor. /proc, /sys, /dev and /tmp are the host's, so that sockets and folders of a test have the same paths there.
 */
export type Userland = {
  /** Words in front of a program of it, which keeps its process id. */
  inside: readonly string[];
  /** Runs a program to its end, as root and with nothing in its environment but PATH, HOME and `env`. */
  exec(words: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A name of QEMU's: `qemu-aarch64-static -cpu help`. */
export type Processor = "cortex-a7" | "cortex-a53" | "cortex-a57" | "cortex-a72";

/** Enters one on a fresh layer over the cached root. `binds`: files of the host by the paths they have in it. */
export async function enterUserland(
  architecture: Architecture,
  processor: Processor,
  binds: Readonly<Record<string, string>> = {},
): Promise<Userland> {
  const root = await debianRoot(architecture);
  const programs = await foreignPrograms();
  await programs.prepare(MOUNT, root, ...Object.entries(binds).flat());
  const inside = [...programs.inside, "env", `QEMU_CPU=${processor}`, "chroot", "/mnt/root"];
  return {
    inside,
    exec: async (words, { stdin = "", env = {} } = {}) => {
      const [program = "", ...rest] = [...inside, ...words];
      const child = spawn(program, rest, {
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...env },
      });
      const output = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name].setEncoding("utf8").on("data", (text: string) => {
          output[name] += text;
        });
      child.stdin.on("error", () => {}).end(stdin);
      const [code] = await once(child, "close");
      return { code, ...output };
    },
    [Symbol.asyncDispose]: programs[Symbol.asyncDispose],
  };
}

const MOUNT = `root=$1; shift
mount -t tmpfs none /mnt
mkdir /mnt/root /mnt/upper /mnt/work
mount -t overlay -o "userxattr,lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" none /mnt/root
for folder in proc sys dev tmp; do mount --rbind "/$folder" "/mnt/root/$folder"; done
while [ $# -gt 0 ]; do
  mkdir -p "$(dirname "/mnt/root$1")"
  touch "/mnt/root$1"
  mount --bind "$2" "/mnt/root$1"
  shift 2
done`;
