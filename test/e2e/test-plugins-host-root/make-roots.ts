import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FIXTURES = join(import.meta.dir, "../../fixtures");

/** Root directories of devices below `directory`, put together from captures; `empty` is a container without the host's files. */
export function makeRoots(directory: string): Readonly<Record<"pi4" | "pi5" | "nano" | "empty", string>> {
  const pi4 = makeRoot(join(directory, "pi4"), {
    "rpi/pi3-sysfs/sys": "sys",
    "rpi/pi4-alarm-only/proc": "proc",
    "host/container-root/proc": "proc",
    "host/pi2-wheezy-memory/proc": "proc",
    "rpi-captures/proc/loadavg/procfs.txt": "proc/loadavg",
    "cgroups/v2-bookworm/sys": "sys",
    "cgroups/v2-bookworm/var": "var",
  });
  mkdirSync(join(pi4, "sys/firmware/devicetree/base"), { recursive: true });
  writeFileSync(join(pi4, "sys/firmware/devicetree/base/model"), "Raspberry Pi 4 Model B Rev 1.1\0");
  appendFileSync(join(pi4, "proc/1/mountinfo"), fixture("cgroups/v2-bookworm/proc/1/mountinfo"));
  mkdirSync(join(pi4, "boot/firmware"), { recursive: true });

  const pi5 = makeRoot(join(directory, "pi5"), {
    "rpi/pi5/sys": "sys",
    "rpi/pi5/proc": "proc",
    "cgroups/memory-off-pi5/sys": "sys",
    "cgroups/memory-off-pi5/proc": "proc",
    "cgroups/memory-off-pi5/boot": "boot",
  });

  const nano = makeRoot(join(directory, "nano"), {
    "tegrastats/kernel-nano/sys": "sys",
    "tegrastats/kernel-nano/proc": "proc",
    "rpi-captures/proc/loadavg/procfs.txt": "proc/loadavg",
    "cgroups/v1-pi3-buster/sys": "sys",
    "cgroups/v1-pi3-buster/var": "var",
    "cgroups/v1-pi3-buster/proc": "proc",
    "cgroups/v1-pi3-buster/proc/1": "proc/self",
  });

  const empty = join(directory, "empty");
  mkdirSync(empty);
  return { pi4, pi5, nano, empty };
}

/** Copies folders and files of the fixtures. The two files that have to move while they are looked at are this machine's. */
function makeRoot(root: string, copies: Readonly<Record<string, string>>): string {
  const filter = (path: string) => !path.endsWith(".again");
  for (const [from, to] of Object.entries(copies)) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    cpSync(join(FIXTURES, from), join(root, to), { recursive: true, filter });
  }
  for (const path of ["/proc/stat", "/proc/uptime"]) {
    rmSync(join(root, path), { force: true });
    symlinkSync(path, join(root, path));
  }
  return root;
}

export function fixture(path: string): string {
  return readFileSync(join(FIXTURES, path), "utf8");
}
