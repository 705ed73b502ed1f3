import { parseThermal } from "../kernel/thermal.ts";
import type { Io } from "../plugin.ts";

export type Temperature = { zone: string; celsius: number };

const ZONES = "/sys/class/thermal";
const CHIPS = "/sys/class/hwmon";

/**
 * Every thermometer of the board, named as the kernel names it: thermal zones (`CPU-therm`), then chips (`nvme_Composite`),
 * except those that only repeat a zone. A name that comes again gets a number: `acpitz`, `acpitz_2`. What is off or answers
 * nonsense is left out.
 */
export async function readTemperatures(io: Io): Promise<Temperature[]> {
  const zones = await readZones(io);
  // The kernel gives a zone a chip of the same name, in which hyphens are underscores.
  const repeated = new Set(zones.map(({ zone }) => zone.replaceAll("-", "_")));
  const chips = await readChips(io, repeated);
  return numberNames([...zones, ...chips].filter(isSound));
}

async function readZones(io: Io): Promise<Temperature[]> {
  const folders = (await io.list(ZONES)).filter((name) => /^thermal_zone\d+$/.test(name));
  const zones = await Promise.all(
    folders.map(async (folder) => {
      const type = await io.readText(`${ZONES}/${folder}/type`);
      return readSensor(io, `${ZONES}/${folder}/temp`, wordOf(type ?? folder));
    }),
  );
  return zones.flat();
}

async function readChips(io: Io, repeated: ReadonlySet<string>): Promise<Temperature[]> {
  const chips = await Promise.all(
    (await io.list(CHIPS)).map(async (folder) => {
      const name = wordOf((await io.readText(`${CHIPS}/${folder}/name`)) ?? folder);
      return repeated.has(name) ? [] : readChip(io, `${CHIPS}/${folder}`, name);
    }),
  );
  return chips.flat();
}

/** A chip with one thermometer lends it its name; of several each adds its label, or `temp2`. */
async function readChip(io: Io, folder: string, name: string): Promise<Temperature[]> {
  const sensors = (await io.list(folder)).flatMap((file) => /^(temp\d+)_input$/.exec(file)?.[1] ?? []);
  const readings = await Promise.all(
    sensors.map(async (sensor) => {
      const label = wordOf((await io.readText(`${folder}/${sensor}_label`)) ?? sensor);
      return readSensor(io, `${folder}/${sensor}_input`, sensors.length === 1 ? name : `${name}_${label}`);
    }),
  );
  return readings.flat();
}

/** A sensor that is asleep fails on reading (EAGAIN, EIO): no temperature, and no reason to complain. */
async function readSensor(io: Io, path: string, zone: string): Promise<Temperature[]> {
  const text = await io.readText(path).catch(() => undefined);
  return text === undefined ? [] : [{ zone, celsius: parseThermal(path, text) }];
}

function wordOf(text: string): string {
  return text.trim().replace(/\s+/g, "_");
}

/**
 * Missing probes read -127 or 255 °C, a Tegra zone whose power is off -256 °C, and the PMIC of a Jetson has no thermometer but
 * always says 100 °C.
 */
function isSound({ zone, celsius }: Temperature): boolean {
  if (/^PMIC/i.test(zone) && celsius === 100) return false;
  return celsius > -55 && celsius < 150;
}

function numberNames(temperatures: readonly Temperature[]): Temperature[] {
  const seen = new Map<string, number>();
  return temperatures.map(({ zone, celsius }) => {
    const count = (seen.get(zone) ?? 0) + 1;
    seen.set(zone, count);
    return { zone: count === 1 ? zone : `${zone}_${count}`, celsius };
  });
}
