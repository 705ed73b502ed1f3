import { PluginError } from "../../errors.ts";
import type { Io } from "../plugin.ts";

/**
 * A file of process 1, `net/dev` or `mountinfo`, which shows what is the host's. Undefined when it may not be looked at (hidepid,
 * proc(5)) and the agent's own files tell the same; with another root (HOST_ROOT) they tell of the agent's container, and it
 * rejects.
 */
export async function readOfProcess1(io: Io, name: string, otherRoot: boolean): Promise<string | undefined> {
  const read = (path: string) => io.readText(path).catch(() => undefined);
  const text = await read(`/proc/1/${name}`);
  if (text !== undefined || !otherRoot) return text;
  // The agent's own process is always shown: without it there is no /proc at all.
  if ((await read("/proc/self/mountinfo")) === undefined) return undefined;
  throw new PluginError(
    "process 1, which shows what is the host's, is hidden: the host's /proc is mounted with hidepid",
    "Run the agent as root, or on the host: sudo mount -o remount,hidepid=0 /proc. " +
      "With gid=GROUP instead of hidepid=0 it is enough that the agent is in that group.",
  );
}
