/**
 * A signal that aborts after that many seconds, or with `signal`; its reason is the end of a sentence that begins with the
 * host. `clear` ends the waiting, so that nothing outlives the request.
 */
export function timeLimit(seconds: number, signal: AbortSignal): { signal: AbortSignal; clear(): void } {
  const limit = new AbortController();
  const stop = () => limit.abort("had not answered yet when Chouette was told to stop");
  const timer = setTimeout(
    () => limit.abort(`did not answer within ${seconds} s: check the network and its speed`),
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
