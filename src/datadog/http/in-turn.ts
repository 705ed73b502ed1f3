import { oneAtATime } from "../../schedule/one-at-a-time.ts";

/** Runs a request when those before it have ended, and calls `progress` now and then while it waits. */
export type InTurn = <T>(run: () => Promise<T>, progress?: () => void) => Promise<T>;

/**
 * Creates the line of requests for one connection. Waiting counts as progress, heard of every so many seconds, since whatever is
 * before in the line makes progress or ends.
 */
export function createLine(seconds: number): InTurn {
  const turn = oneAtATime();
  return (run, progress) => {
    const waiting = setInterval(() => progress?.(), seconds * 1000);
    const start = () => {
      clearInterval(waiting);
      return run();
    };
    return turn(start)();
  };
}
