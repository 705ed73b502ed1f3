import type { Io } from "../../../src/plugins/plugin.ts";

/**
 * Processes made by hand: `lines` plays `play(command)` for each start, what it prints and whether it then stays, ends or
 * cannot be started.
 */
export function stage(play: (command: readonly string[]) => Part): Stage {
  const processes: StageProcess[] = [];
  const lines: Io["lines"] = async function* (command, signal) {
    const { prints, afterwards } = play(command);
    const printed = [...prints];
    let wake = () => {};
    let idle = () => {};
    const process: StageProcess = {
      command,
      alive: true,
      taken: 0,
      async print(line) {
        printed.push(line);
        await process.rest();
      },
      async rest() {
        await new Promise<void>((resolve) => {
          idle = resolve;
          wake();
          if (!process.alive) resolve();
        });
        await new Promise(setImmediate);
      },
    };
    processes.push(process);
    try {
      if (afterwards === "cannot start") throw new Error(`cannot start ${command[0]}: no such file`);
      signal.addEventListener("abort", () => wake());
      while (!signal.aborted) {
        const line = printed.shift();
        if (line !== undefined) {
          process.taken += 1;
          yield line;
        } else if (afterwards === "fails") throw new Error(`${command[0]} ended with code 1`);
        else if (afterwards === "ends") return;
        else {
          idle();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      process.alive = false;
      idle();
    }
  };
  return { lines, processes };
}

export type Part = { prints: Iterable<string>; afterwards: "stays" | "ends" | "fails" | "cannot start" };

export type Stage = { lines: Io["lines"]; processes: StageProcess[] };

export type StageProcess = {
  command: readonly string[];
  alive: boolean;
  /** Lines that somebody has taken. */
  taken: number;
  /** Prints a line; resolves when it has been taken. */
  print(line: string): Promise<void>;
  /** Resolves when everything printed has been taken, or the process has ended, and who takes the lines has dealt with it. */
  rest(): Promise<void>;
};
