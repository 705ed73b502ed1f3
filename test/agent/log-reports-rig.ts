import { createReports } from "../../src/agent/log-reports.ts";
import { createLogger } from "../../src/log/log.ts";
import { testClock } from "../helpers/clock.ts";

/** Reports into a log, of which `lines` gives what came since it was asked last. */
export function watch(level: "debug" | "info" = "info") {
  const clock = testClock(0);
  let written: Record<string, unknown>[] = [];
  const log = createLogger({
    level,
    stream: { write: (line) => void written.push(JSON.parse(line)) },
    format: "json",
    color: false,
    secrets: [],
    clock,
  });
  const lines = () => {
    const since = written.map(({ time, ...line }) => line);
    written = [];
    return since;
  };
  return { ...createReports(log, clock), lines, clock };
}
