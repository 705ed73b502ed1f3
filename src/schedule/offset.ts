/** Seconds between a capture and the next release, in which its points are stored. */
const MARGIN = 5;

/**
 * Returns the seconds after the multiples of the release interval at which a device sends: its own, from a hash of the host name,
 * so that a fleet does not arrive in one second, and between two captures, so that the points of one go in one request.
 */
export function releaseOffset(host: string, captureInterval: number, releaseInterval: number): number {
  const hash = hashOf(host);
  const gap = Math.min(captureInterval, releaseInterval);
  const captures = Math.max(1, Math.floor(releaseInterval / captureInterval));
  const margin = Math.min(MARGIN, gap / 4);
  const within = margin + ((hash >>> 8) / 2 ** 24) * (gap - 2 * margin);
  return Math.round(((hash % captures) * captureInterval + within) * 1000) / 1000;
}

/** FNV-1a with 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/), mixed once more since host names differ in the last digit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
