import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { foreignPrograms } from "./foreign-programs.ts";

export type Architecture = keyof typeof DEBIAN_NAMES;

const DEBIAN_NAMES = { x64: "amd64", arm64: "arm64", armv7: "armhf" } as const;

/** The packages of a device's Debian that the agent and its installer use. */
const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "libnss-systemd", "udev", "kmod"],
  ...["procps", "iproute2", "curl", "ca-certificates", "openssl", "gzip", "busybox-static"],
  // Raspberry Pi OS has it too; Node for 32-bit ARM is linked with it.
  "libatomic1",
];

/** Folder of the root file systems and disks of test machines: CHOUETTE_TEST_CACHE, else ~/.cache/chouette-test. */
export function cacheFolder(): string {
  const folder = process.env.CHOUETTE_TEST_CACHE ?? join(homedir(), ".cache/chouette-test");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Returns the path of `name` in the cache; `make` makes it under a temporary name when it is missing. */
export async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder(), name);
  if (existsSync(path)) return path;
  const work = mkdtempSync(join(cacheFolder(), ".making-"));
  try {
    await make(join(work, name));
    renameSync(join(work, name), path);
  } catch (error) {
    // Another process may have been quicker and made the same.
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

/** Debian 11, 12 and 13. */
export type Suite = "bullseye" | "bookworm" | "trixie";

/**
 * Returns a folder with Debian 12 (or another suite) for this machine's architecture or for ARM, which must not be changed. Making
 * it takes 15 seconds, for ARM 4 minutes.
 */
export function debianRoot(architecture: Architecture = "x64", suite: Suite = "bookworm"): Promise<string> {
  return cached(`${suite}-${architecture}-${VERSION}`, async (path) => {
    // mmdebstrap's default mode lets only root enter.
    mkdirSync(path, { mode: 0o755 });
    const options = ["--quiet", "--variant=minbase", "--format=directory", `--include=${PACKAGES.join(",")}`];
    // mmdebstrap copies the host's name, which would override that of the machine.
    const hooks = ['--customize-hook=rm "$1/etc/hostname"'];
    const words = ["mmdebstrap", ...options, ...hooks, suite, path, ...debianSources(suite)];
    if (architecture === "x64") return run(words);
    await using programs = await foreignPrograms();
    // Its check finds only emulators that the whole machine has.
    const foreign = [`--arch=${DEBIAN_NAMES[architecture]}`, "--skip=check/qemu"];
    await run([...programs.inNewProcessNamespace, ...words, ...foreign]);
  });
}

/** Changes with the list of packages, so that another list makes another folder. */
const VERSION = createHash("sha1").update(PACKAGES.join()).digest("hex").slice(0, 8);

/**
 * Returns the package source for mmdebstrap: Debian's release without updates, so that a root is the same whenever it is made, from
 * the mirror of this machine's apt. Empty, which leaves the choice to mmdebstrap, when this machine is not a Debian.
 */
export function debianSources(suite: Suite = "bookworm"): string[] {
  const which = ["Created-By: Packages", "Codename: bookworm", "Component: main"];
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...which], {
    encoding: "utf8",
  });
  const [address] = (stdout ?? "").split("\n");
  return address ? [`deb ${address} ${suite} main`] : [];
}

/** Runs a program; rejects with its output when it fails. */
export async function run([program = "", ...words]: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${words.join(" ")} failed (${code}):\n${output}`);
}
