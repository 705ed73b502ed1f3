import { chmodSync } from "node:fs";
import { join } from "node:path";
import { BUN_NOTICE, bunParts } from "./bun-parts.ts";
import { BUNDLE, bundledPackages } from "./bundle.ts";
import { inTemporaryFolder } from "./in-temporary-folder.ts";
import { fileOfPackage, type Locked, lockedPackage } from "./npm-package.ts";
import { type Contents, npmPurl } from "./sbom.ts";
import { BUN_SWITCHES, withoutSwitches } from "./without-switches.ts";

/**
 * x64 asks for SSE4.2 (a processor of 2008) and finds out at run time what else there is; arm64 asks for ARMv8.0 without any
 * extension, as a Cortex-A53 is (test/rigs/emulated.rig.ts).
 */
const PACKAGES = { x64: "@oven/bun-linux-x64", arm64: "@oven/bun-linux-aarch64" } as const;

/** Writes an executable of Bun's runtime, the program, and its bytecode. Gives what is in it. */
export function compileWithBun(
  arch: keyof typeof PACKAGES,
  outfile: string,
): Promise<Omit<Contents, "target">> {
  const locked = lockedPackage(PACKAGES[arch]);
  return inTemporaryFolder(async (folder) => {
    const output = await Bun.build({
      ...BUNDLE,
      bytecode: true,
      compile: {
        target: `bun-linux-${arch}`,
        executablePath: await runtime(locked, arch, folder),
        outfile,
        // Bun's compiled programs read .env and bunfig.toml of the directory they are started in, and even run its preloads.
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadPackageJson: false,
        autoloadTsconfig: false,
      },
    });
    const { name, version, integrity } = locked;
    return {
      runtime: {
        ...{ name: "bun", version, license: "MIT", purl: npmPurl(name, version), integrity },
        parts: bunParts(version),
        notice: BUN_NOTICE,
      },
      packages: bundledPackages(output),
    };
  });
}

/**
 * Writes Bun's runtime without its switches. This machine's is the one that npm has installed. Another machine's Bun would fetch
 * by itself, but from an address of its own and without comparing it with the lock file.
 */
async function runtime(locked: Locked, arch: string, folder: string): Promise<string> {
  const isHere = process.platform === "linux" && process.arch === arch;
  const original = isHere
    ? await Bun.file("node_modules/bun/bin/bun.exe").bytes()
    : await fileOfPackage(locked, "bin/bun");
  const path = join(folder, "bun");
  await Bun.write(path, withoutSwitches(original, BUN_SWITCHES));
  chmodSync(path, 0o755);
  return path;
}
