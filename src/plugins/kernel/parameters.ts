import type { Io } from "../plugin.ts";

/** Where a Raspberry Pi has the kernel's parameters: since Debian 12, and before. The old file then only says where the new one is. */
const FILES = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"];

/** Returns the command that adds kernel parameters. */
export async function kernelParameters(io: Io, words: string): Promise<string> {
  for (const file of FILES)
    if (await isThere(io, file))
      return `Add ${words} to the end of the one line in ${file} and restart: sudo sed -i '1s/$/ ${words}/' ${file} && sudo reboot`;
  return `Add ${words} to the kernel's parameters (on a Raspberry Pi the end of the one line in ${FILES.join(", on older images ")}) and restart: sudo reboot`;
}

/** Returns the command that makes the kernel count the memory of control groups, and so of containers; older kernels need the second parameter. */
export function countMemory(io: Io): Promise<string> {
  return kernelParameters(io, "cgroup_enable=memory cgroup_memory=1");
}

/** A file that may not be read is there too. */
function isThere(io: Io, file: string): Promise<boolean> {
  return io.readText(file).then(
    (text) => text !== undefined,
    () => true,
  );
}
