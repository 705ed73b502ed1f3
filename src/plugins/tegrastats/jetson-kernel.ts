import { ParseError } from "../../errors.ts";
import type { Io } from "../plugin.ts";
import type { Load, Tegrastats, Usage } from "./parse-tegrastats.ts";
import type { Group } from "./tegrastats-points.ts";

/**
 * What tegrastats would print, as far as the kernel offers it to everybody: for machines without the program, such as
 * containers. Zones and rails get the names that tegrastats gives them, so that the series go on. No cores, no emc.
 */
export async function jetsonKernel(io: Io, groups: readonly Group[]): Promise<Tegrastats> {
  const stats: Tegrastats = { cores: new Map(), temperatures: new Map(), power: new Map(), unknown: 0 };
  const read = sensorReader(io);
  if (groups.includes("ram") || groups.includes("swap"))
    Object.assign(stats, parseMemory((await io.readText("/proc/meminfo")) ?? ""));
  if (groups.includes("temp")) stats.temperatures = await readTemperatures(io, read);
  if (groups.includes("power")) stats.power = await readPower(io, read);
  if (groups.includes("gpu")) Object.assign(stats, await readGpu(io, read));
  return stats;
}

type ReadNumber = (path: string) => Promise<number | undefined>;

/** A sensor of a part that is switched off answers EAGAIN or an empty text: then there is no value, and no error. */
function sensorReader(io: Io): ReadNumber {
  return async (path) => {
    const text = (await io.readText(path).catch(() => undefined))?.trim() ?? "";
    return /^-?\d{1,12}$/.test(text) ? Number(text) : undefined;
  };
}

/**
 * /proc/meminfo, `MemTotal:        8038788 kB`, to bytes. Memory that could be had at once is not used: MemAvailable, which
 * the 3.10 kernels of TK1 and TX1 do not have.
 */
export function parseMemory(text: string): { ram?: Usage; swap?: Usage } {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree):(.*)$/.exec(line);
    if (match === null) continue;
    const kibibytes = /^\s*(\d{1,12}) kB\s*$/.exec(match[2] ?? "")?.[1];
    if (kibibytes === undefined) throw new ParseError("/proc/meminfo", line);
    bytes.set(match[1] ?? "", Number(kibibytes) * 1024);
  }
  const of = (name: string) => bytes.get(name) ?? 0;
  const usage = (total: number, free: number) => ({ used: total - free, total });
  const available = bytes.get("MemAvailable") ?? of("MemFree") + of("Buffers") + of("Cached");
  return {
    ...(bytes.has("MemTotal") && { ram: usage(of("MemTotal"), available) }),
    ...(of("SwapTotal") > 0 && { swap: usage(of("SwapTotal"), of("SwapFree")) }),
  };
}

/** /sys/class/thermal/thermal_zone0/type `AO-therm`, and its temp `31000` in thousandths of a degree. */
async function readTemperatures(io: Io, read: ReadNumber): Promise<Map<string, number>> {
  const temperatures = new Map<string, number>();
  for (const zone of await io.list("/sys/class/thermal")) {
    if (!zone.startsWith("thermal_zone")) continue;
    const type = await io.readText(`/sys/class/thermal/${zone}/type`).catch(() => undefined);
    const millidegrees = await read(`/sys/class/thermal/${zone}/temp`);
    if (type === undefined || millidegrees === undefined) continue;
    temperatures.set(zoneName(type), millidegrees / 1000);
  }
  return temperatures;
}

/** tegrastats leaves out what follows the name: `CPU-therm`, `soc0-thermal`, `PMIC-Die`, `thermal-fan-est`, `Tboard_tegra`. */
export function zoneName(type: string): string {
  return type.trim().replace(/(-|_tegra$).*$/, "");
}

/**
 * The power monitors INA3221, https://docs.kernel.org/hwmon/ina3221.html: in1_label `VDD_IN`, in1_input in mV, curr1_input
 * in mA; to mW.
 */
async function readPower(io: Io, read: ReadNumber): Promise<Map<string, number>> {
  const power = new Map<string, number>();
  for (const monitor of await io.list("/sys/class/hwmon")) {
    for (const channel of [1, 2, 3]) {
      const folder = `/sys/class/hwmon/${monitor}`;
      const rail = await io.readText(`${folder}/in${channel}_label`).catch(() => undefined);
      if (rail === undefined) continue;
      const millivolts = await read(`${folder}/in${channel}_input`);
      const milliamperes = await read(`${folder}/curr${channel}_input`);
      if (millivolts === undefined || milliamperes === undefined) continue;
      power.set(rail.trim(), Math.round((millivolts * milliamperes) / 1000));
    }
  }
  return power;
}

/**
 * The GPU among /sys/class/devfreq: `57000000.gpu` (Nano), `17000000.gp10b` (TX2), `17000000.gv11b` (Xavier),
 * `17000000.ga10b` (Orin); device/load in thousandths, cur_freq in Hz. On R32 the load is also /sys/devices/gpu.0/load.
 */
async function readGpu(io: Io, read: ReadNumber): Promise<{ gpu?: Load }> {
  const name = (await io.list("/sys/class/devfreq")).find((device) => /gpu|\.g[a-z]\d\db$/.test(device));
  const folder = `/sys/class/devfreq/${name}`;
  const load =
    (name === undefined ? undefined : await read(`${folder}/device/load`)) ??
    (await read("/sys/devices/gpu.0/load"));
  const hertz = name === undefined ? undefined : await read(`${folder}/cur_freq`);
  if (load === undefined && hertz === undefined) return {};
  return {
    gpu: {
      ...(load !== undefined && { percent: load / 10 }),
      ...(hertz !== undefined && { mhz: [hertz / 1e6] }),
    },
  };
}
