import { cached, debianSources, run } from "./debian-root.ts";

/** qemu's program and Debian's name for the processors of a target of build.ts. */
const EMULATORS = {
  "linux-arm64": { qemu: "qemu-aarch64-static", debian: "arm64" },
  "linux-armv7": { qemu: "qemu-arm-static", debian: "armhf" },
} as const;

export type ArmTarget = keyof typeof EMULATORS;

/**
 * The words in front of an ARM program that run it on a processor such as `cortex-a53`, which knows no instruction that this one
 * does not have. What the program starts in its turn is a program of this machine.
 */
export async function emulator(target: ArmTarget, processor: string): Promise<string[]> {
  const { qemu, debian } = EMULATORS[target];
  return [qemu, "-cpu", processor, "-L", await libraries(debian)];
}

/** A folder with the C libraries of a Debian 12 and nothing else. Made in some 5 seconds. */
function libraries(architecture: string): Promise<string> {
  return cached(`bookworm-libraries-${architecture}`, (path) => {
    // Nothing in it is run while it is made, so it takes no emulator.
    const options = ["--quiet", "--variant=extract", "--skip=check/qemu", `--architectures=${architecture}`];
    const packages = "--include=libc6,libgcc-s1,libstdc++6,libatomic1";
    return run(["mmdebstrap", ...options, packages, "bookworm", path, ...debianSources()]);
  });
}
