import { ParseError, PluginError } from "../../errors.ts";
import { gauge, type Point } from "../../model.ts";
import type { Io } from "../plugin.ts";
import { FLAGS, type Flag, parseThrottled, type Throttled } from "./parse-throttled.ts";
import { hwmonFile, type Reading, readInteger } from "./readings.ts";
import { vcgencmd } from "./vcgencmd.ts";

/**
 * Power and heat, each flag 0 or 1, now and since boot: from sysfs, else from vcgencmd. The alarm of hwmon knows one flag of
 * the eight only, so it comes last, although it is a file.
 */
export const throttled: Reading = async (io, at, signal) => {
  const word = await readSysfs(io);
  if (word !== undefined) return { points: flagPoints(word, at) };
  const answer = await askFirmware(io, signal);
  if (typeof answer !== "string") return { points: flagPoints(answer, at) };
  const remedy =
    "sudo apt install raspi-utils && sudo usermod -aG video chouette && sudo systemctl restart chouette";
  const alarm = await readAlarm(io);
  if (alarm === undefined) throw new PluginError(`${answer}, and no file tells of throttling`, remedy);
  return {
    points: [flagPoint("under_voltage", alarm !== 0, at)],
    reason: `${answer}, and the kernel's alarm tells of under_voltage only`,
    remedy,
  };
};

/** /sys/devices/platform/soc/soc:firmware/get_throttled; the names begin with `soc@` on newer boards, if the file is there. */
async function readSysfs(io: Io): Promise<Throttled | undefined> {
  for (const soc of await io.list("/sys/devices/platform")) {
    if (!soc.startsWith("soc")) continue;
    for (const device of await io.list(`/sys/devices/platform/${soc}`)) {
      if (!device.endsWith(":firmware")) continue;
      const path = `/sys/devices/platform/${soc}/${device}/get_throttled`;
      const text = await io.readText(path);
      if (text === undefined) continue;
      const word = parseThrottled(text);
      if (word === undefined) throw new ParseError(path, text);
      return word;
    }
  }
  return undefined;
}

/** The word, or why there is none. */
async function askFirmware(io: Io, signal: AbortSignal): Promise<Throttled | string> {
  try {
    const line = await vcgencmd(io.lines, ["get_throttled"], signal);
    return parseThrottled(line) ?? `vcgencmd said ${JSON.stringify(line.slice(0, 100))}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** 1 when the voltage was too low within the last two seconds, https://docs.kernel.org/hwmon/raspberrypi-hwmon.html */
async function readAlarm(io: Io): Promise<number | undefined> {
  const file = await hwmonFile(io, /^rpi_volt$/, "in0_lcrit_alarm");
  return file === undefined ? undefined : readInteger(io, file);
}

function flagPoints({ now, sinceBoot }: Throttled, at: number): Point[] {
  return FLAGS.flatMap((flag) => [
    flagPoint(flag, now.includes(flag), at),
    flagPoint(`${flag}.since_boot`, sinceBoot.includes(flag), at),
  ]);
}

function flagPoint(name: Flag | `${Flag}.since_boot`, set: boolean, at: number): Point {
  return gauge(`Chouette.rpi.${name}`, set ? 1 : 0, at);
}
