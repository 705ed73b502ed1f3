import { lines } from "./lines.ts";

/** Resolves to the output of `getent` for a user or group, a line of passwd(5) or group(5); "" for an unknown one. */
export async function getent(
  database: "passwd" | "group",
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const printed: string[] = [];
  for await (const line of lines(["getent", database, key], signal)) printed.push(line);
  return printed.join("\n");
}

/** Resolves to the output of `systemctl show`: `Name=value` lines, also for an unknown unit. Rejects when systemd does not answer. */
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
