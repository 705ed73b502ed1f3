import { ParseError } from "../../errors.ts";
import { gauge, type Point } from "../../model.ts";
import type { Capture, Io } from "../plugin.ts";
import { parseLifeTime, parsePreEol } from "./parse-emmc.ts";
import { parseOwnRoot, parseRootMount } from "./parse-root-mount.ts";
import { parseMeasured, vcgencmd } from "./vcgencmd.ts";

/** What one group of metrics gives; rejects when what is there cannot be read or understood. */
export type Reading = (io: Io, at: number, signal: AbortSignal) => Promise<Capture>;

/** The SoC, °C: its thermal zone (`cpu-thermal`), else the hwmon chip of the same name, else the firmware. */
export const temperature: Reading = async (io, at, signal) => {
  const file = (await socZone(io)) ?? (await hwmonFile(io, /^(cpu|bcm2835)_thermal$/, "temp1_input"));
  const millidegrees = file === undefined ? undefined : await readInteger(io, file);
  const celsius =
    millidegrees === undefined ? await measure(io, ["measure_temp"], signal) : millidegrees / 1000;
  return { points: [gauge("Chouette.rpi.temperature", celsius, at)] };
};

/** cpufreq gives kHz: `1500000`. */
export const clock: Reading = async (io, at, signal) => {
  const kilohertz = await readInteger(io, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq");
  const hertz =
    kilohertz === undefined ? await measure(io, ["measure_clock", "arm"], signal) : kilohertz * 1000;
  return { points: [gauge("Chouette.rpi.arm.frequency", hertz, at)] };
};

/** The mounts of process 1 are the device's, in a container and in a sandbox too; with hidepid=2 only one's own may be read. */
export const root: Reading = async (io, at) => {
  const mounts = await io.readText("/proc/1/mounts").catch(() => undefined);
  const mount =
    mounts === undefined
      ? parseOwnRoot((await io.readText("/proc/self/mountinfo")) ?? "")
      : parseRootMount(mounts);
  if (mount === undefined)
    return {
      points: [],
      reason: "/proc/mounts shows no root filesystem",
      remedy: "grep ' / ' /proc/mounts   # in a container: docker run -v /:/host:ro -e HOST_ROOT=/host …",
    };
  return { points: [gauge("Chouette.rpi.root.read_only", mount.readOnly ? 1 : 0, at)] };
};

export const emmc: Reading = async (io, at) => {
  const devices = (await io.list("/sys/block")).filter((name) => /^mmcblk\d+$/.test(name));
  const points = (await Promise.all(devices.map((device) => wear(io, device, at)))).flat();
  if (points.length > 0) return { points };
  return {
    points,
    reason: "no eMMC that tells its wear (SD cards do not)",
    remedy: "leave emmc out of RPI_METRICS",
  };
};

async function wear(io: Io, device: string, at: number): Promise<Point[]> {
  const lifeTime = `/sys/block/${device}/device/life_time`;
  const preEol = `/sys/block/${device}/device/pre_eol_info`;
  const [used, spare] = [await io.readText(lifeTime), await io.readText(preEol)];
  const level = spare === undefined ? undefined : parsePreEol(spare, preEol);
  const percent = used === undefined ? {} : parseLifeTime(used, lifeTime);
  const tag = `device:${device}`;
  return [
    ...Object.entries(percent).map(([type, value]) =>
      gauge("Chouette.rpi.emmc.life_used", value, at, [tag, `type:${type}`]),
    ),
    ...(level === undefined ? [] : [gauge("Chouette.rpi.emmc.pre_eol", level, at, [tag])]),
  ];
}

async function socZone(io: Io): Promise<string | undefined> {
  for (const zone of await io.list("/sys/class/thermal")) {
    const type = (await io.readText(`/sys/class/thermal/${zone}/type`)) ?? "";
    if (zone.startsWith("thermal_zone") && /cpu|soc|bcm/i.test(type))
      return `/sys/class/thermal/${zone}/temp`;
  }
  return undefined;
}

/** A file of the hwmon chip with that name; its number changes from boot to boot. */
export async function hwmonFile(io: Io, chip: RegExp, file: string): Promise<string | undefined> {
  for (const number of await io.list("/sys/class/hwmon")) {
    const name = (await io.readText(`/sys/class/hwmon/${number}/name`)) ?? "";
    if (chip.test(name.trim())) return `/sys/class/hwmon/${number}/${file}`;
  }
  return undefined;
}

export async function readInteger(io: Io, path: string): Promise<number | undefined> {
  const text = await io.readText(path);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,12}$/.test(text.trim())) throw new ParseError(path, text);
  return Number(text);
}

async function measure(io: Io, words: readonly string[], signal: AbortSignal): Promise<number> {
  const line = await vcgencmd(io.lines, words, signal);
  const value = parseMeasured(line);
  if (value === undefined) throw new ParseError(`vcgencmd ${words.join(" ")}`, line);
  return value;
}
