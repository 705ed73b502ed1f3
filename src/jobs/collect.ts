import type { Point } from "../model.ts";
import { pointRecords } from "../records/group-points.ts";
import type { Clock } from "../schedule/clock.ts";
import { aborted, deadline } from "../schedule/deadline.ts";
import type { ClockTrust } from "../schedule/device-clock.ts";
import type { Storage } from "../storage/storage.ts";
import { captureSeconds } from "./capture-second.ts";
import type { Outbox } from "./outbox.ts";
import type { SelfMetrics } from "./self-metrics.ts";
import type { PluginOutcome, Supervised } from "./supervise.ts";

/** Seconds after which the points of the plugins that are done are stored without waiting for the slow ones. */
const TOGETHER = 1;

export type CollectDeps = {
  storage: Pick<Storage, "commit" | "note" | "persist" | "shared">;
  outbox: Outbox;
  clock: Clock;
  plugins: readonly Supervised[];
  selfMetrics: SelfMetrics | undefined;
  /** Bytes written to the card since the last call, where they are known. */
  written?: (() => number | undefined) | undefined;
  /** Seconds between two captures. */
  captureInterval: number;
  /** The host of the points. */
  host: string;
  newKey: () => string;
  /** Takes DogStatsD lines of plugins into the windows of applications. */
  receiveLines?: ((lines: readonly string[]) => void) | undefined;
  /** What is known about the clock; undefined: it is right. */
  trust?: ClockTrust | undefined;
  /** Called with the outcome of every plugin. */
  report: (outcome: PluginOutcome) => void;
};

/**
 * Captures with all plugins concurrently into the queue of points. Points that are ready within a second are stored in one commit
 * (few writes to the SD card); those of a slower plugin follow when it is done. Rejects when the storage is unreachable; the
 * points then stay in the outbox until the next capture.
 */
export function createCollect(deps: CollectDeps): (at: number, stop: AbortSignal) => Promise<void> {
  const { storage, outbox, clock, host, newKey } = deps;
  const seconds = captureSeconds(storage, deps.captureInterval);
  const storeAll = async () => {
    await outbox.store(storage, seconds.notes());
    if (!seconds.isNew()) return;
    // A card that fails is reported by the storage, and tried again with the next capture.
    const lasts = await storage.persist("notes").then(
      () => true,
      () => false,
    );
    if (lasts) seconds.lasts();
  };
  return async (tick, stop) => {
    // A storage that cannot be read now does not stop captures.
    const at = await seconds.next(tick).catch(() => tick);
    const { trust } = deps;
    const moment = trust?.held() === true ? { boot: trust.boot, up: trust.up() } : undefined;
    const store = (points: readonly Point[]) =>
      outbox.put(pointRecords(points, { host, newKey, moment, shared: storage.shared }));
    /** Points that are stored together; undefined once they are. */
    let together: Point[] | undefined = diskWritten(deps, at);
    const captures = deps.plugins.map(async (plugin) => {
      const outcome = await plugin.capture(at, stop);
      // Cut short by the end of the agent, which is not a failure of the plugin.
      const cutShort = !outcome.ok && stop.aborted;
      const own = cutShort ? [] : (deps.selfMetrics?.capture(outcome, at) ?? []);
      const points = [...outcome.points, ...own];
      if (together === undefined) store(points);
      else together.push(...points);
      if (outcome.lines !== undefined) deps.receiveLines?.(outcome.lines);
      if (!cutShort) deps.report(outcome);
    });
    const done = Promise.all(captures);
    const wait = deadline(clock, TOGETHER, stop);
    await Promise.race([done, aborted(wait.signal)]);
    wait.clear();
    store(together);
    together = undefined;
    await storeAll();
    await done;
    await storeAll();
  };
}

/** `chouette.disk.written`, where Chouette measures itself and captures something. */
function diskWritten({ plugins, selfMetrics, written, captureInterval }: CollectDeps, at: number): Point[] {
  const bytes = selfMetrics === undefined || plugins.length === 0 ? undefined : written?.();
  return bytes === undefined ? [] : (selfMetrics?.written(bytes, at, captureInterval) ?? []);
}
