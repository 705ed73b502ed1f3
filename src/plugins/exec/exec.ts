import { PluginError } from "../../errors.ts";
import { asAgent } from "../advice.ts";
import type { Collector, Io } from "../plugin.ts";
import { shapeOutput } from "./output.ts";

/** Bytes, of stdout and stderr together. */
const MOST_OUTPUT = 1024 * 1024;

/**
 * Creates the plugin of a `COLLECT_PLUGINS` item `exec:<command>`: every capture runs the command in `/bin/sh` and parses each line
 * that it prints as a DogStatsD datagram. `interval` is the seconds between captures, which its counts cover. Rejects with
 * PluginError when the command fails, prints more than 1 MiB or no metric, or has not ended when the signal aborts.
 */
export function createExecPlugin(command: string, io: Io, interval: number): Collector {
  let running: Promise<unknown> = Promise.resolve();
  return {
    collect: async (at, signal) => {
      const output = readOutput(command, io, signal);
      running = output.catch(() => {});
      return shapeOutput(await output, at, interval);
    },
    // A command that ignores SIGTERM survives its capture until SIGKILL.
    close: async () => void (await running),
  };
}

/** Returns the lines that are not blank. */
async function readOutput(command: string, io: Io, signal: AbortSignal): Promise<string[]> {
  const output: string[] = [];
  try {
    for await (const line of io.lines(["/bin/sh", "-c", command], signal, MOST_OUTPUT))
      if (line.trim() !== "") output.push(line);
  } catch (error) {
    if (error instanceof RangeError)
      throw new PluginError(
        "the command printed more than 1 MiB and was stopped",
        "Print only the metrics, for instance: exec:COMMAND | head -n 100",
      );
    throw new PluginError(
      error instanceof Error ? error.message : String(error),
      `Run the command by hand as the agent does: ${asAgent(io.place(), "/bin/sh -c 'COMMAND'")}; it must end with code 0.`,
    );
  }
  if (signal.aborted)
    throw new PluginError(
      "the command had not ended at the capture's deadline, and was stopped",
      "Print the metrics and end, for instance: exec:timeout 10 COMMAND",
    );
  return output;
}
