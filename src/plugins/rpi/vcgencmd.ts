import { PluginError } from "../../errors.ts";
import type { Io } from "../plugin.ts";

export const INSTALL_VCGENCMD =
  "sudo apt install raspi-utils && sudo usermod -aG video chouette && sudo systemctl restart chouette";

/**
 * Returns the first line of vcgencmd, `temp=62.3'C`; it queries the firmware through /dev/vcio, which the group video can open.
 * Rejects with PluginError when the program is missing or lacks the permission.
 */
export async function vcgencmd(
  lines: Io["lines"],
  words: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  try {
    for await (const line of lines(["vcgencmd", ...words], signal)) return line.trim();
  } catch (error) {
    throw new PluginError(error instanceof Error ? error.message : String(error), INSTALL_VCGENCMD);
  }
  throw new PluginError("vcgencmd printed nothing", INSTALL_VCGENCMD);
}

/** Parses `temp=62.3'C` into 62.3, `frequency(45)=1400000000` into 1400000000; undefined for anything else, such as an error. */
export function parseMeasured(line: string): number | undefined {
  const number = /^(?:temp|frequency\(\d+\))=(-?\d{1,12}(?:\.\d{1,6})?)(?:'C)?$/.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}
