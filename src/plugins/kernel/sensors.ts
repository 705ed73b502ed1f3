import type { Io } from "../plugin.ts";

/** A folder of sensors below /sys/class, and what the kernel calls it. */
export type SensorFolder = { folder: string; name: string };

/**
 * The thermal zones, https://docs.kernel.org/driver-api/thermal/sysfs-api.html: /sys/class/thermal/thermal_zone0 with `type`
 * (`cpu-thermal`) and `temp`, thousandths of a degree (`54542`).
 */
export function thermalZones(io: Io): Promise<SensorFolder[]> {
  return folders(io, "/sys/class/thermal", /^thermal_zone\d+$/, "type");
}

/**
 * The chips of hwmon, https://docs.kernel.org/hwmon/sysfs-interface.html: /sys/class/hwmon/hwmon0 with `name` (`cpu_thermal`);
 * their numbers change from boot to boot.
 */
export function hwmonChips(io: Io): Promise<SensorFolder[]> {
  return folders(io, "/sys/class/hwmon", /./, "name");
}

/** The text of a sensor's file; undefined also when it cannot be read: a sensor that is asleep fails with EAGAIN or EIO. */
export function readSensor(io: Io, path: string): Promise<string | undefined> {
  return io.readText(path).catch(() => undefined);
}

/** Without a name a folder is called by its own. */
async function folders(io: Io, parent: string, pattern: RegExp, nameFile: string): Promise<SensorFolder[]> {
  const names = (await io.list(parent)).filter((name) => pattern.test(name));
  return Promise.all(
    names.map(async (name) => {
      const folder = `${parent}/${name}`;
      const called = (await readSensor(io, `${folder}/${nameFile}`))?.trim() ?? "";
      return { folder, name: called === "" ? name : called };
    }),
  );
}
