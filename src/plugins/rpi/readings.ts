import { PluginError } from "../../errors.ts";
import type { Point } from "../../model.ts";
import { hwmonChips, thermalZones } from "../kernel/sensors.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { readWholeNumber } from "../kernel/whole-number.ts";
import type { Capture, Io } from "../plugin.ts";
import { reading, sound } from "../reading.ts";
import { parseLifeTime, parsePreEol } from "./parse-emmc.ts";
import { parseOwnRoot, parseRootMount } from "./parse-root-mount.ts";
import { parseMeasured, vcgencmd } from "./vcgencmd.ts";

/** The context of a capture; lines that cannot be parsed go to `skip`. */
export type Scene = { io: Io; at: number; skip: Skip; signal: AbortSignal };

/** Captures one group of metrics; rejects when an existing source cannot be read. */
export type Reading = (scene: Scene) => Promise<Capture>;

/** Reads the SoC's temperature in °C: its thermal zone (`cpu-thermal`), else the hwmon chip of that name, else the firmware. */
export const temperature: Reading = async (scene) => {
  const file =
    (await socZone(scene.io)) ?? (await hwmonFile(scene.io, /^(cpu|bcm2835)_thermal$/, "temp1_input"));
  const millidegrees = file === undefined ? undefined : await readWholeNumber(scene.io, file, scene.skip);
  const celsius = millidegrees === undefined ? await measure(scene, ["measure_temp"]) : millidegrees / 1000;
  if (sound(celsius, "celsius") === undefined)
    return {
      points: [],
      reason: `${millidegrees === undefined ? "vcgencmd" : file} reads ${celsius} °C, which cannot be true`,
      remedy: "vcgencmd measure_temp   # what the firmware reads",
    };
  return { points: reading("Chouette.rpi.temperature", celsius, scene.at, [], "celsius") };
};

/** Reads the frequency, which cpufreq has in kHz: `1500000`. */
export const clock: Reading = async (scene) => {
  const file = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";
  const kilohertz = await readWholeNumber(scene.io, file, scene.skip);
  const hertz = kilohertz === undefined ? await measure(scene, ["measure_clock", "arm"]) : kilohertz * 1000;
  const points = reading("Chouette.rpi.arm.frequency", hertz, scene.at);
  if (points.length > 0) return { points };
  return {
    points,
    reason: `a frequency of ${hertz} Hz cannot be true`,
    remedy: `cat ${file}; vcgencmd measure_clock arm`,
  };
};

/** Reads the mounts of process 1, which are the device's even in a container or sandbox; with hidepid=2 only our own are readable. */
export const root: Reading = async ({ io, at, skip }) => {
  const mounts = await io.readText("/proc/1/mounts").catch(() => undefined);
  const mount =
    mounts === undefined
      ? parseOwnRoot((await io.readText("/proc/self/mountinfo")) ?? "", skip)
      : parseRootMount(mounts);
  if (mount === undefined)
    return {
      points: [],
      reason: "/proc/mounts shows no root filesystem",
      remedy: "grep ' / ' /proc/mounts   # in a container: docker run -v /:/host:ro -e HOST_ROOT=/host …",
    };
  return { points: reading("Chouette.rpi.root.read_only", mount.readOnly ? 1 : 0, at) };
};

export const emmc: Reading = async (scene) => {
  const devices = (await scene.io.list("/sys/block")).filter((name) => /^mmcblk\d+$/.test(name));
  const points = (await Promise.all(devices.map((device) => wear(scene, device)))).flat();
  if (points.length > 0) return { points };
  return {
    points,
    reason: "no eMMC that reports its wear (SD cards do not)",
    remedy: "leave emmc out of RPI_METRICS",
  };
};

async function wear({ io, at, skip }: Scene, device: string): Promise<Point[]> {
  const lifeTime = `/sys/block/${device}/device/life_time`;
  const preEol = `/sys/block/${device}/device/pre_eol_info`;
  const [used, spare] = [await io.readText(lifeTime), await io.readText(preEol)];
  const level = spare === undefined ? undefined : parsePreEol(spare, preEol, skip);
  const percent = used === undefined ? {} : parseLifeTime(used, lifeTime, skip);
  const tag = `device:${device}`;
  return [
    ...Object.entries(percent).flatMap(([type, value]) =>
      reading("Chouette.rpi.emmc.life_used", value, at, [tag, `type:${type}`]),
    ),
    ...reading("Chouette.rpi.emmc.pre_eol", level, at, [tag]),
  ];
}

async function socZone(io: Io): Promise<string | undefined> {
  const zone = (await thermalZones(io)).find(({ name }) => /cpu|soc|bcm/i.test(name));
  return zone && `${zone.folder}/temp`;
}

/** Returns the path of a file of the hwmon chip with that name. */
export async function hwmonFile(io: Io, chip: RegExp, file: string): Promise<string | undefined> {
  const found = (await hwmonChips(io)).find(({ name }) => chip.test(name));
  return found && `${found.folder}/${file}`;
}

async function measure({ io, signal }: Scene, words: readonly string[]): Promise<number> {
  const line = await vcgencmd(io, words, signal);
  const value = parseMeasured(line);
  if (value !== undefined) return value;
  const command = `vcgencmd ${words.join(" ")}`;
  throw new PluginError(`${command} printed ${JSON.stringify(line.slice(0, 100))}`, command);
}
