import { lines } from "./lines.ts";

/** What `getent` prints of a user or a group, as a line of passwd(5) or group(5); "" where there is none. */
export async function getent(
  database: "passwd" | "group",
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const printed: string[] = [];
  for await (const line of lines(["getent", database, key], signal)) printed.push(line);
  return printed.join("\n");
}

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
