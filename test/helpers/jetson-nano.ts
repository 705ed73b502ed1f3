import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/machines/debian-root.ts";
import { sdCard } from "../../scripts/machines/sd-card.ts";
import { type Board, startBoard } from "./emulated-board.ts";

/**
 * What a program sees of a Jetson Nano: four Cortex-A57 and its name in the device tree. The rest is QEMU's board virt, which has
 * no Tegra in it. Needs device-tree-compiler, too.
 */
export async function startJetsonNano(): Promise<Board> {
  const card = await sdCard("arm64");
  const folder = await mkdtemp(join(tmpdir(), "chouette-jetson-"));
  const deviceTree = join(folder, "device-tree");
  const board = ["-nodefaults", "-display", "none", "-cpu", "cortex-a57", "-smp", "4", "-m", "1G"];
  const model = "NVIDIA Jetson Nano Developer Kit";
  try {
    await run(["qemu-system-aarch64", "-machine", `virt,dumpdtb=${deviceTree}`, ...board]);
    await run(["fdtput", "-t", "s", deviceTree, "/", "model", model]);
    await run(["fdtput", "-t", "s", deviceTree, "/", "compatible", "nvidia,p3450-0000", "nvidia,tegra210"]);
    const machine = [
      ...["-machine", "virt", "-dtb", deviceTree, ...board, "-serial", "stdio"],
      ...["-drive", `if=none,id=card,format=raw,file=${card.image},snapshot=on`],
      ...["-device", "virtio-blk-device,drive=card", "-device", "virtio-net-device,netdev=network"],
    ];
    return await startBoard(card, { hostname: "jetson", machine, serial: "ttyAMA0" });
  } finally {
    await rm(folder, { recursive: true });
  }
}
