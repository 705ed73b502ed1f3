/**
 * A signal that aborts after that many seconds, or with `signal`; its reason is the end of a sentence that begins with the
 * host. `clear` ends the waiting, so that nothing outlives the request.
 */
export function timeLimit(seconds: number, signal: AbortSignal): { signal: AbortSignal; clear(): void } {
  const limit = new AbortController();
  const stop = () => limit.abort(`was given up before it answered${whyAborted(signal)}`);
  const timer = setTimeout(
    () => limit.abort(`did not answer within ${rounded(seconds)} s: check the network and its speed`),
    seconds * 1000,
  );
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return {
    signal: limit.signal,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}

/** `: the release's 48 s are over` where the signal was aborted with such an Error; empty where it was not told why. */
export function whyAborted({ reason }: AbortSignal): string {
  // Without a reason, abort() makes one up: AbortError, "The operation was aborted".
  const told = reason instanceof Error && reason.name !== "AbortError" && reason.message !== "";
  return told ? `: ${reason.message}` : "";
}

/** 2.4, where 0.8 * 3 is 2.4000000000000004. */
function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
