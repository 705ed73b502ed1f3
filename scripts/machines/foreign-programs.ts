import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A namespace in which the kernel runs ARM programs with QEMU, without changing the rest of the machine. */
export type ForeignPrograms = {
  /** The prefix of a program that may be for ARM, like the programs it starts. It keeps its process id. */
  inside: readonly string[];
  /** The same, without a view of the machine's processes: for programs that mount their own /proc. */
  inNewProcessNamespace: readonly string[];
  /** Runs a script of sh inside, as root; rejects when it fails. */
  prepare(script: string, ...words: string[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Opens the namespace, which ends with the test runner. QEMU_CPU selects the processor: `cortex-a53`. Needs root and qemu-user-static. */
export async function foreignPrograms(): Promise<ForeignPrograms> {
  const holder = spawn("unshare", ["--user", "--mount", "sh", "-euc", HOLD], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
  await lines.next();
  // Every user keeps its number, so that files of a root file system keep their owners.
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${holder.pid}/${map}`, "0 0 4294967295");
  holder.stdin.write("mapped\n");
  if ((await lines.next()).done) throw new Error("no namespace for programs of ARM, see above");

  const inside = ["nsenter", "--target", String(holder.pid), "--user", "--mount", "--"];
  return {
    inside,
    inNewProcessNamespace: [...inside, "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"],
    prepare: async (script, ...words) => {
      const [program = "", ...rest] = [...inside, "sh", "-euc", script, "sh", ...words];
      const [code] = await once(spawn(program, rest, { stdio: ["ignore", "ignore", "inherit"] }), "close");
      if (code !== 0) throw new Error(`this script failed in the namespace: ${script}`);
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(holder, "close");
      holder.stdin.end();
      await gone;
    },
  };
}

/** Kernels before 6.7 have one list of formats for the whole machine, in which Debian's package has registered the emulators. */
const HOLD = `echo started
read -r mapped
if mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null; then
  for name in aarch64 arm; do cat /usr/lib/binfmt.d/qemu-$name.conf >/proc/sys/fs/binfmt_misc/register; done
fi
test -e /proc/sys/fs/binfmt_misc/qemu-arm
echo ready
exec cat`;
