import { PluginError } from "../../errors.ts";
import { joinGroup } from "../advice.ts";
import type { Io, Place } from "../plugin.ts";

/** Returns what to type so that there is a vcgencmd which the agent may use. */
export function installVcgencmd(place: Place): string {
  if (place.container)
    return "there is no vcgencmd in the image: run the agent on the host instead (install.sh)";
  return `sudo apt install raspi-utils && ${joinGroup(place, "video", "/dev/vcio")}`;
}

/**
 * Returns the first line of vcgencmd, `temp=62.3'C`; it queries the firmware through /dev/vcio, which the group video can open.
 * Rejects with PluginError when the program is missing or lacks the permission.
 */
export async function vcgencmd(
  { lines, place }: Pick<Io, "lines" | "place">,
  words: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  try {
    for await (const line of lines(["vcgencmd", ...words], signal)) return line.trim();
  } catch (error) {
    throw new PluginError(error instanceof Error ? error.message : String(error), installVcgencmd(place()));
  }
  throw new PluginError("vcgencmd printed nothing", installVcgencmd(place()));
}

/** Parses `temp=62.3'C` into 62.3, `frequency(45)=1400000000` into 1400000000; undefined for anything else, such as an error. */
export function parseMeasured(line: string): number | undefined {
  const number = /^(?:temp|frequency\(\d+\))=(-?\d{1,12}(?:\.\d{1,6})?)(?:'C)?$/.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}
