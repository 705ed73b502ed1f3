import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { foreignPrograms } from "./foreign-programs.ts";

export type Architecture = keyof typeof DEBIAN_NAMES;

const DEBIAN_NAMES = { x64: "amd64", arm64: "arm64", armv7: "armhf" } as const;

/** What a Debian of a device has on it, as far as the agent and its installer meet it. */
const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "libnss-systemd", "udev", "kmod"],
  ...["procps", "iproute2", "curl", "ca-certificates", "openssl", "gzip", "busybox-static"],
  // Raspberry Pi OS has it too: Node for 32-bit ARM is linked with it.
  "libatomic1",
];

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

/**
 * A folder with a Debian 12 of this machine's architecture, or of ARM; nobody may write to it. Made in some 15 seconds, ARM's
 * in 4 minutes.
 */
export function debianRoot(architecture: Architecture = "x64"): Promise<string> {
  return cached(`bookworm-${architecture}-${VERSION}`, async (path) => {
    // Unlike mmdebstrap's own, which only root may enter.
    mkdirSync(path, { mode: 0o755 });
    const options = ["--quiet", "--variant=minbase", "--format=directory", `--include=${PACKAGES.join(",")}`];
    // The host's own name, which mmdebstrap copies, would win over that of the machine.
    const hooks = ['--customize-hook=rm "$1/etc/hostname"'];
    const words = ["mmdebstrap", ...options, ...hooks, "bookworm", path, ...debianSources()];
    if (architecture === "x64") return run(words);
    await using programs = await foreignPrograms();
    // Its own check knows the emulators of the whole machine only.
    const foreign = [`--arch=${DEBIAN_NAMES[architecture]}`, "--skip=check/qemu"];
    await run([...programs.inNewProcessNamespace, ...words, ...foreign]);
  });
}

/** Another one for another list of packages. */
const VERSION = createHash("sha1").update(PACKAGES.join()).digest("hex").slice(0, 8);

/**
 * For mmdebstrap: Debian's releases alone, without its updates, so that a root is the same whenever it is made, from where this
 * machine's apt has them. Nothing, which means mmdebstrap's own choice, where apt has another system's.
 */
export function debianSources(): string[] {
  const which = ["Created-By: Packages", "Codename: bookworm", "Component: main"];
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...which], {
    encoding: "utf8",
  });
  const [address] = (stdout ?? "").split("\n");
  return address ? [`deb ${address} bookworm main`] : [];
}

/** Runs a program to its end; rejects with what it said when it fails. */
export async function run([program = "", ...words]: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${words.join(" ")} failed (${code}):\n${said}`);
}
