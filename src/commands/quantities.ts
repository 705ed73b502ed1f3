/** `1234567` to `1.2 MB`; decimal units, as disks and networks are sold. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const exponent = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][exponent]}`;
}

/** `93784` seconds to `26 h 3 min`: the two largest units, rounded down; what lies ahead begins with a minus. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** `1 point`, `2 points`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A measured value with its unit, which the metric's name tells; six significant digits. */
export function formatValue(metric: string, value: number): string {
  if (
    /\.(used|free|available|usage|limit|working_set|raw|sent|recv|rxBytes|txBytes|rssBytes|\w*Bytes|bytes)$/.test(
      metric,
    ) ||
    /\.bytes\./.test(metric)
  ) {
    if (metric.endsWith("cpu.usage")) return `${value} ns`;
    return metric.includes(".inodes.") ? `${value}` : formatBytes(value);
  }
  const digits = Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
  if (/percentage$/.test(metric)) return `${digits} %`;
  if (/temperature$/.test(metric)) return `${digits} °C`;
  if (/\.power$/.test(metric)) return `${digits} mW`;
  if (/frequency$/.test(metric)) return `${digits} Hz`;
  return digits;
}
