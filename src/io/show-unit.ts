import { lines } from "./lines.ts";

/** What `systemctl show` prints of a unit: `Name=value` lines, also of one that is not there. Rejects where no systemd answers. */
export async function showUnit(
  unit: string,
  properties: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const command = ["systemctl", "show", unit, `--property=${properties.join(",")}`] as const;
  const printed: string[] = [];
  for await (const line of lines(command, signal)) printed.push(line);
  signal.throwIfAborted();
  return printed.join("\n");
}
