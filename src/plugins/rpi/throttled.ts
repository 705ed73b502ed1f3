import { PluginError } from "../../errors.ts";
import type { Point } from "../../model.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { readWholeNumber } from "../kernel/whole-number.ts";
import type { Capture, Io } from "../plugin.ts";
import { reading } from "../reading.ts";
import { FLAGS, type Flag, parseThrottled, type Throttled } from "./parse-throttled.ts";
import { hwmonFile, type Reading } from "./readings.ts";
import { INSTALL_VCGENCMD, vcgencmd } from "./vcgencmd.ts";

/** Seconds between two questions to the firmware where the kernel's alarm is a file: a question is a process. */
const PAUSE = 300;

const LOOK =
  "ls -l /sys/devices/platform/soc*/*:firmware/get_throttled /sys/class/hwmon/hwmon*/in0_lcrit_alarm";

/**
 * Power and heat, each flag 0 or 1, now and since boot: from sysfs, else from vcgencmd. Where the alarm of hwmon is there, it
 * tells one flag of the eight at each capture, and the others are asked for every five minutes and not sent in between.
 * What is there and cannot be read is told, and costs nothing that another source has.
 */
export function createThrottled(): Reading {
  let asked: { at: number; answer: Throttled | string } | undefined;

  return async ({ io, at, skip, signal }) => {
    const sysfs = await attempt(readSysfs(io, skip));
    if (sysfs.value !== undefined) return { points: flagPoints(sysfs.value, at) };
    const alarm = await attempt(readAlarm(io, skip));
    // A clock that went back has no say about how long ago the last question was.
    const isDue = alarm.value === undefined || asked === undefined || at < asked.at || at >= asked.at + PAUSE;
    if (isDue) asked = { at, answer: await askFirmware(io, signal) };

    const answer = asked?.answer;
    const word = isDue && typeof answer === "object" ? answer : undefined;
    return {
      points: points(word, alarm.value, at),
      ...inWords(
        [sysfs.failure, alarm.failure],
        typeof answer === "string" ? answer : undefined,
        alarm.value,
      ),
    };
  };
}

/** The word's flags, with under_voltage as the alarm has it, or that one only. */
function points(word: Throttled | undefined, alarm: boolean | undefined, at: number): Point[] {
  if (word === undefined) return alarm === undefined ? [] : flagPoint("under_voltage", alarm, at);
  if (alarm === undefined) return flagPoints(word, at);
  const others = word.now.filter((flag) => flag !== "under_voltage");
  return flagPoints({ ...word, now: alarm ? ["under_voltage", ...others] : others }, at);
}

/** What could not be read, and what that costs; throws PluginError when there is nothing else. */
function inWords(
  files: readonly (string | undefined)[],
  firmware: string | undefined,
  alarm: boolean | undefined,
): Pick<Capture, "reason" | "remedy"> {
  const failures = [...files, firmware].filter((failure) => failure !== undefined).join("; ");
  if (failures === "") return {};
  if (firmware === undefined) return { reason: failures, remedy: LOOK };
  if (alarm === undefined)
    throw new PluginError(`${failures}, and no file tells of throttling`, INSTALL_VCGENCMD);
  return {
    reason: `${failures}, and the kernel's alarm tells of under_voltage only`,
    remedy: INSTALL_VCGENCMD,
  };
}

/** What it gives, or why it gives nothing although it is there. */
async function attempt<T>(reading: Promise<T>): Promise<{ value?: T; failure?: string }> {
  try {
    return { value: await reading };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** /sys/devices/platform/soc/soc:firmware/get_throttled; the names begin with `soc@` on newer boards, if the file is there. */
async function readSysfs(io: Io, skip: Skip): Promise<Throttled | undefined> {
  for (const soc of await io.list("/sys/devices/platform")) {
    if (!soc.startsWith("soc")) continue;
    for (const device of await io.list(`/sys/devices/platform/${soc}`)) {
      if (!device.endsWith(":firmware")) continue;
      const path = `/sys/devices/platform/${soc}/${device}/get_throttled`;
      const text = await io.readText(path);
      if (text === undefined) continue;
      const word = parseThrottled(text);
      if (word !== undefined) return word;
      if (text.trim() !== "") skip(path, text);
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

/** True when the voltage was too low within the last two seconds, https://docs.kernel.org/hwmon/raspberrypi-hwmon.html */
async function readAlarm(io: Io, skip: Skip): Promise<boolean | undefined> {
  const file = await hwmonFile(io, /^rpi_volt$/, "in0_lcrit_alarm");
  const alarm = file === undefined ? undefined : await readWholeNumber(io, file, skip);
  return alarm === undefined ? undefined : alarm !== 0;
}

function flagPoints({ now, sinceBoot }: Throttled, at: number): Point[] {
  return FLAGS.flatMap((flag) => [
    ...flagPoint(flag, now.includes(flag), at),
    ...flagPoint(`${flag}.since_boot`, sinceBoot.includes(flag), at),
  ]);
}

function flagPoint(name: Flag | `${Flag}.since_boot`, set: boolean, at: number): Point[] {
  return reading(`Chouette.rpi.${name}`, set ? 1 : 0, at);
}
