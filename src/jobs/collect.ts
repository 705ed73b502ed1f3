import { pointRecords } from "../records/group-points.ts";
import type { Clock } from "../schedule/clock.ts";
import { aborted, deadline } from "../schedule/deadline.ts";
import type { Storage } from "../storage/storage.ts";
import type { Outbox } from "./outbox.ts";
import type { SelfMetrics } from "./self-metrics.ts";
import type { PluginOutcome, Supervised } from "./supervise.ts";

/** Seconds after which the points of the plugins that are done are stored without waiting for the slow ones. */
const TOGETHER = 1;

export type CollectDeps = {
  storage: Pick<Storage, "commit">;
  outbox: Outbox;
  clock: Clock;
  plugins: readonly Supervised[];
  selfMetrics: SelfMetrics | undefined;
  /** Of the points. */
  host: string;
  newKey: () => string;
  /** Is told of every plugin's outcome. */
  report: (outcome: PluginOutcome) => void;
};

/**
 * One capture of every plugin, side by side, into the queue of points. What is ready within a second is stored in one step
 * (few writes to the SD card); a slower plugin's points follow when it is done. Rejects when the storage is out of reach;
 * the points then wait in the outbox for the next capture.
 */
export function createCollect(deps: CollectDeps): (at: number, stop: AbortSignal) => Promise<void> {
  const { storage, outbox, clock, host, newKey } = deps;
  return async (at, stop) => {
    const captures = deps.plugins.map(async (plugin) => {
      const outcome = await plugin.capture(at, stop);
      // Cut short by the end of the agent, which is no fault of the plugin.
      const cutShort = !outcome.ok && stop.aborted;
      const own = cutShort ? [] : (deps.selfMetrics?.capture(outcome, at) ?? []);
      outbox.put(pointRecords([...outcome.points, ...own], host, newKey));
      if (!cutShort) deps.report(outcome);
    });
    const done = Promise.all(captures);
    const together = deadline(clock, TOGETHER, stop);
    await Promise.race([done, aborted(together.signal)]);
    together.clear();
    await outbox.store(storage);
    await done;
    await outbox.store(storage);
  };
}
