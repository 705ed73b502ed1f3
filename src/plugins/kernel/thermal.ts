import { ParseError } from "../../errors.ts";

/**
 * °C from a sensor's file, which has thousandths of a degree: /sys/class/thermal/thermal_zone0/temp and
 * /sys/class/hwmon/hwmon0/temp1_input (https://docs.kernel.org/driver-api/thermal/sysfs-api.html,
 * https://docs.kernel.org/hwmon/sysfs-interface.html):
 *
 *     54542
 */
export function parseThermal(path: string, text: string): number {
  if (!/^-?\d+\n?$/.test(text)) throw new ParseError(path, text);
  return Number(text) / 1000;
}
