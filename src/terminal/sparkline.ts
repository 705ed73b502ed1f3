const BARS = "▁▂▃▄▅▆▇█";

/** Draws the last `width` values as bars, from zero to the largest of them: `▁▁▄█▁`. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const largest = Math.max(...shown, 0);
  // Anything above zero is seen, also beside something a thousand times as large.
  const barOf = (value: number) => (value <= 0 ? 0 : Math.max(1, Math.round((7 * value) / largest)));
  return shown.map((value) => BARS[barOf(value)]).join("");
}
