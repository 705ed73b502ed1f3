import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cached, debianRoot, debianSources, run } from "./debian-root.ts";

/** What an emulated board starts from: an image of a card and, beside it, what a boot loader would find there. */
export type SdCard = { image: string; linux: string; initrd: string; deviceTree: string };

const MAKE = resolve(import.meta.dir, "make-sd-card.sh");

/**
 * Debian's 64-bit kernel with a userland of 64 bits, or of 32 bits as Raspberry Pi OS has it where it is not the 64-bit one.
 * Nobody may write to the image.
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

/** The package with the kernel and what it depends on, unpacked: nothing of it has been run. */
function kernelFolder(): Promise<string> {
  return cached("linux-arm64", async (path) => {
    mkdirSync(path);
    const options = ["--quiet", "--variant=extract", "--format=directory", "--include=linux-image-arm64"];
    const foreign = ["--arch=arm64", "--skip=check/qemu"];
    await run(["mmdebstrap", ...options, ...foreign, "bookworm", path, ...debianSources()]);
  });
}
