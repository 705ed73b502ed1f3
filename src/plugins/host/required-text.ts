import { PluginError } from "../../errors.ts";
import type { Io } from "../plugin.ts";

/** The text of a file that every Linux has; without it something hides /proc or /sys from the agent. */
export async function requiredText(io: Io, path: string): Promise<string> {
  const text = await io.readText(path).catch((error: Error) => {
    throw new PluginError(error.message, `Let the agent's user read it; \`ls -l ${path}\` shows who may.`);
  });
  if (text !== undefined) return text;
  throw new PluginError(
    `${path} is not there`,
    "In a container, mount the host's root (`-v /:/host:ro,rslave`) and set HOST_ROOT=/host. " +
      "Under systemd, `systemctl show chouette -p ProcSubset` has to say `all`.",
  );
}
