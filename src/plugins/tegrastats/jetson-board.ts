import type { Io } from "../plugin.ts";

export type Board = { jetson: boolean; model?: string };

/**
 * Whether this machine is a Jetson, from the model in its device tree (`NVIDIA Jetson Nano Developer Kit`, ended by a NUL;
 * TX2 with R28 says `quill`) or the release file of NVIDIA's Linux (`# R36 (release), REVISION: 4.3, GCID: …`).
 */
export async function jetsonBoard(io: Pick<Io, "readText">): Promise<Board> {
  const read = (path: string) => io.readText(path).catch(() => undefined);
  // /proc/device-tree is a link to the first path on current kernels; in a container it may lead nowhere.
  const text = (await read("/sys/firmware/devicetree/base/model")) ?? (await read("/proc/device-tree/model"));
  const model = text?.replaceAll("\0", "").trim();
  const jetson =
    /nvidia|jetson|tegra/i.test(model ?? "") || (await read("/etc/nv_tegra_release")) !== undefined;
  return { jetson, ...(model !== undefined && { model }) };
}
