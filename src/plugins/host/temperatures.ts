import { hwmonChips, readSensor, type SensorFolder, thermalZones } from "../kernel/sensors.ts";
import type { Skip } from "../kernel/skipped-lines.ts";
import { parseWholeNumber } from "../kernel/whole-number.ts";
import type { Io } from "../plugin.ts";
import { sound } from "../reading.ts";

export type Temperature = { zone: string; celsius: number };

/**
 * Reads every thermometer of the board, named as the kernel names it: thermal zones (`CPU-therm`), then chips (`nvme_Composite`),
 * except those that only repeat a zone. A name that comes again gets a number: `acpitz`, `acpitz_2`. What is off or reads what
 * cannot be true is left out.
 */
export async function readTemperatures(io: Io, skip: Skip): Promise<Temperature[]> {
  const zones = await readZones(io, skip);
  // The kernel gives a zone a chip of the same name, in which hyphens are underscores.
  const repeated = new Set(zones.map(({ zone }) => zone.replaceAll("-", "_")));
  const chips = (await hwmonChips(io)).filter(({ name }) => !repeated.has(wordOf(name)));
  const ofChips = await Promise.all(chips.map((chip) => readChip(io, chip, skip)));
  return numberNames([...zones, ...ofChips.flat()].filter(isSound));
}

async function readZones(io: Io, skip: Skip): Promise<Temperature[]> {
  const zones = await thermalZones(io);
  const read = zones.map(({ folder, name }) => readThermometer(io, `${folder}/temp`, wordOf(name), skip));
  return (await Promise.all(read)).flat();
}

/** A chip with one thermometer lends it its name; of several each adds its label, or `temp2`. */
async function readChip(io: Io, { folder, name }: SensorFolder, skip: Skip): Promise<Temperature[]> {
  const chip = wordOf(name);
  const files = await io.list(folder).catch(() => []);
  const sensors = files.flatMap((file) => /^(temp\d+)_input$/.exec(file)?.[1] ?? []);
  const readings = await Promise.all(
    sensors.map(async (sensor) => {
      const label = wordOf((await readSensor(io, `${folder}/${sensor}_label`)) ?? "") || sensor;
      const zone = sensors.length === 1 ? chip : `${chip}_${label}`;
      return readThermometer(io, `${folder}/${sensor}_input`, zone, skip);
    }),
  );
  return readings.flat();
}

async function readThermometer(io: Io, path: string, zone: string, skip: Skip): Promise<Temperature[]> {
  const millidegrees = parseWholeNumber((await readSensor(io, path)) ?? "", path, skip);
  return millidegrees === undefined ? [] : [{ zone, celsius: millidegrees / 1000 }];
}

function wordOf(text: string): string {
  return text.trim().replace(/\s+/g, "_");
}

/** The PMIC of a Jetson has no thermometer but always reads 100 °C. */
function isSound({ zone, celsius }: Temperature): boolean {
  return sound(celsius, "celsius") !== undefined && !(/^PMIC/i.test(zone) && celsius === 100);
}

function numberNames(temperatures: readonly Temperature[]): Temperature[] {
  const seen = new Map<string, number>();
  return temperatures.map(({ zone, celsius }) => {
    const count = (seen.get(zone) ?? 0) + 1;
    seen.set(zone, count);
    return { zone: count === 1 ? zone : `${zone}_${count}`, celsius };
  });
}
