const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Formats `1234567` as `1.2 MB`, with the decimal units of disks and networks. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 and more would print as 1000.0.
  for (; Math.abs(value) >= 999.95 && unit < UNITS.length - 1; unit++) value /= 1000;
  const digits = value.toFixed(1);
  return `${unit === 0 ? Number(digits) : digits} ${UNITS[unit]}`;
}

/** Formats `93784` seconds as `26 h 3 min`: the two largest units, rounded down; a future time begins with a minus. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "a very long time";
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Formats `1 point`, `2 points`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
