import { cached, debianSources, run } from "./debian-root.ts";

/** QEMU's program and Debian's architecture for a target of build.ts. */
const EMULATORS = {
  "linux-arm64": { qemu: "qemu-aarch64-static", debian: "arm64" },
  "linux-armv7": { qemu: "qemu-arm-static", debian: "armhf" },
} as const;

export type ArmTarget = keyof typeof EMULATORS;

/**
 * Returns the prefix of an ARM program that runs it on a processor such as `cortex-a53`, without any newer instruction. Programs
 * that it starts are programs of this machine.
 */
export async function emulator(target: ArmTarget, processor: string): Promise<string[]> {
  const { qemu, debian } = EMULATORS[target];
  return [qemu, "-cpu", processor, "-L", await libraries(debian)];
}

/** Returns a folder with only the C libraries of Debian 12. Making it takes 5 seconds. */
function libraries(architecture: string): Promise<string> {
  return cached(`bookworm-libraries-${architecture}`, (path) => {
    // None of its programs runs while it is made, so this needs no emulator.
    const options = ["--quiet", "--variant=extract", "--skip=check/qemu", `--architectures=${architecture}`];
    const packages = "--include=libc6,libgcc-s1,libstdc++6,libatomic1";
    return run(["mmdebstrap", ...options, packages, "bookworm", path, ...debianSources()]);
  });
}
