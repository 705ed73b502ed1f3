/** A number as Redis reads scores; the shortest text of a number in JavaScript reads back as the same number. */
export function scoreText(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? "+inf" : "-inf";
}

/** The bound for scores below that value; nothing is above +inf, which clients do write. */
export function upTo(before: number): string {
  return before === Infinity ? "+inf" : `(${scoreText(before)}`;
}

/** A score as Redis prints it. */
export function scoreNumber(text: string): number {
  return text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
}
