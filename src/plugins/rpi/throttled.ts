import { PluginError } from "../../errors.ts";
import type { Point } from "../../model.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { readWholeNumber } from "../kernel/whole-number.ts";
import type { Capture, Io } from "../plugin.ts";
import { reading } from "../reading.ts";
import { FLAGS, type Flag, parseThrottled, type Throttled } from "./parse-throttled.ts";
import { hwmonFile, type Reading } from "./readings.ts";
import { installVcgencmd, vcgencmd } from "./vcgencmd.ts";

/** Seconds between two queries of the firmware when the kernel's alarm is available: a query starts a process. */
const PAUSE = 300;

const LOOK =
  "ls -l /sys/devices/platform/soc*/*:firmware/get_throttled /sys/class/hwmon/hwmon*/in0_lcrit_alarm";

/**
 * Captures power and heat, each flag 0 or 1, now and since boot: from sysfs, else from vcgencmd. When hwmon has the alarm, that is
 * one of the eight flags at each capture; the others are queried every five minutes and not sent in between.
 * A source that cannot be read is reported, and the others are still used.
 */
export function createThrottled(): Reading {
  let asked: { since: number; answer: Throttled | string } | undefined;

  return async ({ io, at, skip, signal }) => {
    const sysfs = await attempt(readSysfs(io, skip));
    if (sysfs.value !== undefined) return { points: flagPoints(sysfs.value, at) };
    const alarm = await attempt(readAlarm(io, skip));
    const now = io.monotonic();
    const isDue = alarm.value === undefined || asked === undefined || now >= asked.since + PAUSE;
    if (isDue) asked = { since: now, answer: await askFirmware(io, signal) };

    const answer = asked?.answer;
    const word = isDue && typeof answer === "object" ? answer : undefined;
    return {
      points: points(word, alarm.value, at),
      ...inWords(
        [sysfs.failure, alarm.failure],
        typeof answer === "string" ? answer : undefined,
        alarm.value,
        io,
      ),
    };
  };
}

/** Returns the flags of the firmware with the alarm's under_voltage, or that one alone. */
function points(word: Throttled | undefined, alarm: boolean | undefined, at: number): Point[] {
  if (word === undefined) return alarm === undefined ? [] : flagPoint("under_voltage", alarm, at);
  if (alarm === undefined) return flagPoints(word, at);
  const others = word.now.filter((flag) => flag !== "under_voltage");
  return flagPoints({ ...word, now: alarm ? ["under_voltage", ...others] : others }, at);
}

/** Returns what could not be read and what is missing for that; throws PluginError when nothing could be read. */
function inWords(
  files: readonly (string | undefined)[],
  firmware: string | undefined,
  alarm: boolean | undefined,
  { place }: Pick<Io, "place">,
): Pick<Capture, "reason" | "remedy"> {
  const failures = [...files, firmware].filter((failure) => failure !== undefined).join("; ");
  if (failures === "") return {};
  if (firmware === undefined) return { reason: failures, remedy: LOOK };
  if (alarm === undefined)
    throw new PluginError(`${failures}, and no file has the throttling state`, installVcgencmd(place()));
  return {
    reason: `${failures}, and the kernel's alarm covers only under_voltage`,
    remedy: installVcgencmd(place()),
  };
}

/** Reads a source; returns why when it exists but cannot be read. */
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

/** Queries the firmware; returns why when that fails. */
async function askFirmware(io: Io, signal: AbortSignal): Promise<Throttled | string> {
  try {
    const line = await vcgencmd(io, ["get_throttled"], signal);
    return parseThrottled(line) ?? `vcgencmd printed ${JSON.stringify(line.slice(0, 100))}`;
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
