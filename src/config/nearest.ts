/** Returns the known word that was probably meant: at most a third of its letters are wrong, missing, extra or swapped. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const distances = words.map((word) => ({
    word,
    distance: distance(typed.toLowerCase(), word.toLowerCase()),
  }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  return best.distance <= Math.max(1, Math.floor(Math.min(typed.length, best.word.length) / 3))
    ? best.word
    : undefined;
}

/** The number of letters to replace, insert, remove or swap with a neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
