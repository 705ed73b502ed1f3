/** Returns `: its 48 s were over` where a signal was aborted with such an Error; empty where no reason was given. */
export function whyAborted({ reason }: AbortSignal): string {
  // Without a reason, abort() makes one up: AbortError, "The operation was aborted".
  const given = reason instanceof Error && reason.name !== "AbortError" && reason.message !== "";
  return given ? `: ${reason.message}` : "";
}
