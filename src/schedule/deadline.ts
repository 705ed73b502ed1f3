import type { Clock } from "./clock.ts";

/**
 * Returns a signal that aborts after so many seconds (Infinity: never), then with an Error that says so as its reason, or `grace`
 * seconds after `stop` does, whichever is first; `clear` ends its timers.
 */
export function deadline(
  clock: Clock,
  seconds: number,
  stop: AbortSignal,
  grace = 0,
): { signal: AbortSignal; clear(): void } {
  const over = new AbortController();
  const cleared = new AbortController();
  const after = async (wait: number, reason: string) => {
    await clock.sleep(wait, cleared.signal);
    if (!cleared.signal.aborted) over.abort(new Error(reason));
  };
  const onStop = () => void after(grace, "Chouette is stopping");
  if (Number.isFinite(seconds)) void after(seconds, `its ${Math.round(seconds)} s were over`);
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  return {
    signal: over.signal,
    clear: () => {
      stop.removeEventListener("abort", onStop);
      cleared.abort();
    },
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
