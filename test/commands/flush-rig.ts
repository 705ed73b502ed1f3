import { type FlushOptions, flush } from "../../src/commands/flush.ts";
import type { FlushResult } from "../../src/commands/flush-result.ts";
import type { Env } from "../../src/config/variable.ts";
import type { KeyAnswer } from "../../src/datadog/delivery.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { appJobs, appWrapper } from "../../src/start/components.ts";
import type { QUEUES, Storage } from "../../src/storage/storage.ts";
import { load } from "../config/load.ts";
import { testClock } from "../helpers/clock.ts";
import { type MemoryIntake, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage, pushRaw } from "../helpers/memory-storage.ts";

/** Five seconds into a window. */
export const NOW = 1_591_541_275;
export const WINDOW = 1_591_541_270;

/** `flush` on a storage in memory, as the program sets it up. */
export function flushRig(intake: MemoryIntake = memoryIntake(), env: Env = {}, key?: KeyAnswer) {
  const clock = testClock(NOW);
  const storage = memoryStorage(clock.now);
  const stop = new AbortController();

  /** One call of the command: its exit code and what it wrote. */
  const call = async (options: Partial<FlushOptions> = {}, found: Storage = storage) => {
    const config = load({ HOST: "pi4", ...env });
    const wrapper = await appWrapper(config, async () => {});
    const parts = { clock, storage: found, intake, outbox: createOutbox(), plugins: [], wrapper };
    let [printed, noted] = ["", ""];
    const code = await flush(
      {
        clock,
        storage: found,
        stop: stop.signal,
        watched: false,
        ask: async () => undefined,
        checkKey: async () => key,
        site: "api.datadoghq.eu",
        width: Number.POSITIVE_INFINITY,
        interval: config.aggregateInterval,
        print: (text) => {
          printed += text;
        },
        note: (text) => {
          noted += text;
        },
        createJobs: (pace, reports) => appJobs(config, parts, pace, reports),
      },
      { dryRun: false, json: false, timeout: undefined, ...options },
    );
    return { code, printed, noted };
  };

  return {
    clock,
    storage,
    stop,
    call,
    /** The document of `--json`. */
    json: async (options: Partial<FlushOptions> = {}, found: Storage = storage) => {
      const { code, printed, noted } = await call({ ...options, json: true }, found);
      return { code, noted, result: JSON.parse(printed) as FlushResult };
    },
    count: (value: number, timestamp = NOW) => pushRaw(storage, { metric: "my.count", value, timestamp }),
    /** Records as applications and earlier passes leave them: points, logs, or anything else. */
    queue: (queue: (typeof QUEUES)[1 | 2], ...bodies: string[]) =>
      storage.commit({
        add: [{ queue, records: bodies.map((body, n) => ({ key: `${queue}${n}`, at: NOW - 60 + n, body })) }],
      }),
  };
}

export const LOG = JSON.stringify({
  date: "2020-06-07T15:07:50.997857+00:00",
  ddsource: "my-app",
  ddtags: ["a:b"],
  level: "INFO",
  message: { msg: "text" },
  service: "my-app",
});

export const POINT = JSON.stringify({
  metric: "old.gauge",
  tags: ["zone:a"],
  points: [[NOW - 100.5, 7]],
  type: "gauge",
});
