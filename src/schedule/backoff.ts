/** Seconds; the metrics forwarder of the Datadog Agent uses the same (pkg/util/backoff, base 2, factor 2, max 64). */
const BASE = 2;
const MAX = 64;

/**
 * How long to wait after the n-th failure in a row (n from 1): a random time in [base·2ⁿ⁻¹, base·2ⁿ] that grows to 64 s, so
 * that a fleet that lost its network does not return in one second. `random` gives numbers in [0, 1).
 */
export function backoffSeconds(failures: number, random: () => number): number {
  const upper = BASE * 2 ** failures;
  if (upper > MAX) return MAX / 2 + (random() * MAX) / 2;
  return upper / 2 + (random() * upper) / 2;
}
