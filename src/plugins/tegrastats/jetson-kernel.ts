import { type Meminfo, parseMeminfo } from "../kernel/meminfo.ts";
import { hwmonChips, readSensor, thermalZones } from "../kernel/sensors.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { parseWholeNumber } from "../kernel/whole-number.ts";
import type { Io } from "../plugin.ts";
import { remainder } from "../reading.ts";
import type { Load, Tegrastats, Usage } from "./parse-tegrastats.ts";
import type { Group } from "./tegrastats-points.ts";

/**
 * Reads what tegrastats would print, as far as the kernel offers it to everybody: for machines without the program, such as
 * containers. Zones and rails get the names that tegrastats gives them, so that the series continue. No cores, no emc.
 */
export async function jetsonKernel(io: Io, groups: readonly Group[], skip: Skip): Promise<Tegrastats> {
  const stats: Tegrastats = { cores: new Map(), temperatures: new Map(), power: new Map(), unknown: 0 };
  const read = sensorReader(io, skip);
  if (groups.includes("ram") || groups.includes("swap"))
    Object.assign(stats, memoryOf(parseMeminfo((await io.readText("/proc/meminfo")) ?? "", skip)));
  if (groups.includes("temp")) stats.temperatures = await readTemperatures(io, read);
  if (groups.includes("power")) stats.power = await readPower(io, read);
  if (groups.includes("gpu")) Object.assign(stats, await readGpu(io, read));
  return stats;
}

type ReadNumber = (path: string) => Promise<number | undefined>;

/** A sensor of a part that is switched off answers EAGAIN or an empty text: then there is no value, and no error. */
function sensorReader(io: Io, skip: Skip): ReadNumber {
  return async (path) => parseWholeNumber((await readSensor(io, path)) ?? "", path, skip);
}

/**
 * Memory that could be had at once is not used: MemAvailable, which the 3.10 kernels of TK1 and TX1 do not have. Without swap
 * there is no swap usage.
 */
export function memoryOf(meminfo: Meminfo): { ram?: Usage; swap?: Usage } {
  const { total, free, buffers, cached, swapTotal, swapFree } = meminfo;
  const parts = [free, buffers, cached].filter((part) => part !== undefined);
  const estimate = parts.length === 3 ? parts.reduce((sum, part) => sum + part, 0) : undefined;
  const ram = usage(total, meminfo.available ?? estimate);
  const swap = swapTotal === 0 ? undefined : usage(swapTotal, swapFree);
  return { ...(ram && { ram }), ...(swap && { swap }) };
}

function usage(total: number | undefined, free: number | undefined): Usage | undefined {
  const used = remainder(total, free);
  return total === undefined || used === undefined ? undefined : { used, total };
}

async function readTemperatures(io: Io, read: ReadNumber): Promise<Map<string, number>> {
  const temperatures = new Map<string, number>();
  for (const { folder, name } of await thermalZones(io)) {
    const millidegrees = await read(`${folder}/temp`);
    if (millidegrees !== undefined) temperatures.set(zoneName(name), millidegrees / 1000);
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
  for (const { folder } of await hwmonChips(io)) {
    for (const channel of [1, 2, 3]) {
      const rail = (await readSensor(io, `${folder}/in${channel}_label`))?.trim() ?? "";
      if (rail === "") continue;
      const millivolts = await read(`${folder}/in${channel}_input`);
      const milliamperes = await read(`${folder}/curr${channel}_input`);
      if (millivolts === undefined || milliamperes === undefined) continue;
      power.set(rail, Math.round((millivolts * milliamperes) / 1000));
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
