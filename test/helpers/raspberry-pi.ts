import { sdCard } from "../../scripts/machines/sd-card.ts";
import { type Board, startBoard } from "./emulated-board.ts";

/**
 * A Raspberry Pi 3 Model B: four Cortex-A53, 1 GB, its device tree and thermal zone. It has no clock of its own: its time starts
 * at the moment its systemd was built, months ago. USB network of some 200 kB/s. Needs qemu-system-arm and what sd-card.ts needs.
 */
export async function startRaspberryPi(userland: "arm64" | "armv7"): Promise<Board> {
  const card = await sdCard(userland);
  const machine = [
    ...["-machine", "raspi3b", "-dtb", card.deviceTree],
    ...["-drive", `if=sd,format=raw,file=${card.image},snapshot=on`],
    // The first is a PL011, which the device tree gives to Bluetooth.
    ...["-serial", "null", "-serial", "stdio"],
    ...["-device", "usb-net,netdev=network"],
  ];
  return startBoard(card, { hostname: "raspberrypi", machine, serial: "ttyS1,115200" });
}
