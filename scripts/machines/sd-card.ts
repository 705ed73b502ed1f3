import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cached, debianRoot, debianSources, run } from "./debian-root.ts";

/** The image of a card for an emulated board, and the files that its boot loader would find there. */
export type SdCard = { image: string; linux: string; initrd: string; deviceTree: string };

const MAKE = resolve(import.meta.dir, "make-sd-card.sh");

/**
 * Returns a card with Debian's 64-bit kernel and a 64-bit userland, or a 32-bit one like the 32-bit Raspberry Pi OS. The image must
 * not be changed.
 */
export async function sdCard(architecture: "arm64" | "armv7"): Promise<SdCard> {
  const version = createHash("sha1").update(readFileSync(MAKE)).digest("hex").slice(0, 8);
  const [root, kernel] = [await debianRoot(architecture), await kernelFolder()];
  const folder = await cached(`sd-card-${architecture}-${version}`, (path) =>
    run(["sh", MAKE, root, kernel, path]),
  );
  return {
    image: join(folder, "card.img"),
    linux: join(folder, "linux"),
    initrd: join(folder, "initrd"),
    deviceTree: join(folder, "raspberry-pi-3-b.dtb"),
  };
}

/** Unpacks the kernel package and its dependencies without running any of their programs. */
function kernelFolder(): Promise<string> {
  return cached("linux-arm64", async (path) => {
    mkdirSync(path);
    const options = ["--quiet", "--variant=extract", "--format=directory", "--include=linux-image-arm64"];
    const foreign = ["--arch=arm64", "--skip=check/qemu"];
    await run(["mmdebstrap", ...options, ...foreign, "bookworm", path, ...debianSources()]);
  });
}
