import type { Io } from "../plugin.ts";

export type Board = { raspberryPi: boolean; jetson: boolean; model?: string };

type Read = (path: string) => Promise<string | undefined>;

/** Tells which board this machine is, and what it calls itself. */
export async function readBoard(io: Pick<Io, "readText">): Promise<Board> {
  const read: Read = (path) => io.readText(path).catch(() => undefined);
  // /proc/device-tree is a link to the first path on current kernels; in a container it may lead nowhere.
  const text = (await read("/sys/firmware/devicetree/base/model")) ?? (await read("/proc/device-tree/model"));
  const release = await read("/etc/nv_tegra_release");
  return parseBoard(text, (await read("/proc/cpuinfo")) ?? "", release !== undefined);
}

/**
 * The device tree's model ends with a NUL: `Raspberry Pi 5 Model B Rev 1.0`, `NVIDIA Jetson Nano Developer Kit`; TX2 with R28 says
 * `quill`, and only NVIDIA's release file (`# R36 (release), REVISION: 4.3, GCID: …`) shows what it is. Without a device tree
 * /proc/cpuinfo decides: its line `Model : Raspberry Pi 4 Model B Rev 1.1`, or on older kernels `Hardware : BCM2835`, which a
 * BCM2711 says too.
 */
export function parseBoard(deviceTree: string | undefined, cpuinfo: string, hasTegraRelease: boolean): Board {
  const field = (key: string) => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1]?.trim();
  const model = deviceTree?.replaceAll("\0", "").trim() ?? field("Model");
  if (model === undefined) {
    const raspberryPi = /^BCM2(708|709|71\d|83\d)$/.test(field("Hardware") ?? "");
    return { raspberryPi, jetson: hasTegraRelease };
  }
  return {
    raspberryPi: /raspberry pi/i.test(model),
    jetson: hasTegraRelease || /nvidia|jetson|tegra/i.test(model),
    model,
  };
}
