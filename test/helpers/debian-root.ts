import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a Debian of a device has on it, as far as the agent and its installer meet it. */
const PACKAGES =
  "systemd systemd-sysv dbus libnss-systemd udev kmod procps iproute2 curl ca-certificates openssl gzip busybox-static";

/** Where root file systems and disks of test machines are kept: CHOUETTE_TEST_CACHE, else ~/.cache/chouette-test. */
export function cacheFolder(): string {
  const folder = process.env.CHOUETTE_TEST_CACHE ?? join(homedir(), ".cache/chouette-test");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The path of `name` in the cache; `make` makes it when it is missing, under a temporary name. */
export async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder(), name);
  if (existsSync(path)) return path;
  const work = mkdtempSync(join(cacheFolder(), ".making-"));
  try {
    await make(join(work, name));
    // Whoever was quicker has made the same.
    if (!existsSync(path)) renameSync(join(work, name), path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

/** A folder with a Debian 12 of this machine's architecture; nobody may write to it. Made in some 15 seconds. */
export function debianRoot(): Promise<string> {
  return cached("bookworm-x64", async (path) => {
    // mmdebstrap unpacks into a folder with the rights of one made by mkdtemp otherwise.
    mkdirSync(path, { mode: 0o755 });
    const include = PACKAGES.split(" ").join(",");
    const options = ["--quiet", "--variant=minbase", "--format=directory", `--include=${include}`];
    // The host's own name, which it copies, would win over that of the machine.
    const hooks = ['--customize-hook=rm "$1/etc/hostname"'];
    await run("mmdebstrap", [...options, ...hooks, "bookworm", path]);
  });
}

/** Runs a program to its end; rejects with what it said when it fails. */
export async function run(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${words.join(" ")} failed (${code}):\n${said}`);
}
