import { afterEach, beforeEach } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { createFileSource } from "../../src/logs/files/file-source.ts";
import { createLogsJob, type LogsDeps } from "../../src/logs/logs-job.ts";
import { createMask } from "../../src/logs/text/mask.ts";
import { compilePattern } from "../../src/logs/text/pattern.ts";
import { orderedKeys } from "../../src/records/key.ts";
import { testClock } from "../helpers/clock.ts";
import { memoryStorage, recordsOf } from "../helpers/memory-storage.ts";

export const LOGS = "chouette:logs:wrapped";
export const never = new AbortController().signal;

/** The job over the files `*.log` of a directory, which each test has for itself together with a storage. */
export function jobRig() {
  const clock = testClock(1_700_000_000);
  const rig = {
    directory: "",
    storage: memoryStorage(),
    clock,
    jobOver: (given: Partial<LogsDeps> = {}) => {
      const entry = {
        path: `${rig.directory}/*.log`,
        multiLine: undefined,
        tags: [],
        include: [],
        exclude: [],
        fold: true,
      };
      const deps = { root: "/", compile: compilePattern, lastLines: 0, now: clock.now };
      const source = createFileSource(entry, deps);
      return createLogsJob({
        sources: [source],
        storage: rig.storage,
        clock,
        newKey: orderedKeys(clock.now),
        mask: createMask([]),
        bytesPerDay: Infinity,
        every: 1,
        patience: 100,
        notesOf: "",
        measure: undefined,
        news: () => {},
        problem: () => {},
        ...given,
      });
    },
    messages: async () =>
      (await recordsOf(rig.storage, LOGS)).map((log) => (log as { message: string }).message),
  };
  beforeEach(() => {
    rig.directory = mkdtempSync(`${tmpdir()}/chouette-logs-`);
    rig.storage = memoryStorage();
  });
  afterEach(async () => {
    await rig.storage.close();
    rmSync(rig.directory, { recursive: true });
  });
  return rig;
}
