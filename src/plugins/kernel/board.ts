import type { Io } from "../plugin.ts";

export type Board = { pi: boolean; model?: string };

/** Whether this machine is a Raspberry Pi, and what it calls itself. */
export async function rpiBoard(io: Pick<Io, "readText">): Promise<Board> {
  const read = (path: string) => io.readText(path).catch(() => undefined);
  // /proc/device-tree is a link to the first path on current kernels; in a container it may lead nowhere.
  const model =
    (await read("/sys/firmware/devicetree/base/model")) ?? (await read("/proc/device-tree/model"));
  return parseBoard(model, (await read("/proc/cpuinfo")) ?? "");
}

/**
 * The device tree's model ends with a NUL: `Raspberry Pi 5 Model B Rev 1.0`. Without one, /proc/cpuinfo decides: its line
 * `Model : Raspberry Pi 4 Model B Rev 1.1`, or on older kernels `Hardware : BCM2835`, which says so on a BCM2711, too.
 */
export function parseBoard(deviceTree: string | undefined, cpuinfo: string): Board {
  const field = (key: string) => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1]?.trim();
  const model = deviceTree?.replaceAll("\0", "").trim() ?? field("Model");
  if (model !== undefined) return { pi: /raspberry pi/i.test(model), model };
  return { pi: /^BCM2(708|709|71\d|83\d)$/.test(field("Hardware") ?? "") };
}
