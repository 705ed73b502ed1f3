export type Deadlines = {
  /** Does the work with a signal of its own, which aborts after so many milliseconds, or together with all the others. */
  within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** No longer listens to the signal for all. */
  clear(): void;
};

/** A deadline for each piece of work, and `signal` for all. It gets one listener: Node warns of a leak at the eleventh. */
export function createDeadlines(signal: AbortSignal): Deadlines {
  const underWay = new Set<AbortController>();
  const endAll = () => {
    for (const controller of underWay) controller.abort();
  };
  signal.addEventListener("abort", endAll);

  return {
    async within(milliseconds, work) {
      const own = new AbortController();
      underWay.add(own);
      const timer = setTimeout(() => own.abort(), milliseconds);
      if (signal.aborted) own.abort();
      try {
        return await work(own.signal);
      } finally {
        clearTimeout(timer);
        underWay.delete(own);
      }
    },
    clear: () => signal.removeEventListener("abort", endAll),
  };
}
