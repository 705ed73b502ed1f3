import { createHash } from "node:crypto";

export type Random = {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [min, max]. */
  integer(min: number, max: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  shuffle<T>(items: readonly T[]): T[];
};

/** The same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let drawn = 0;
  const next = () => createHash("sha1").update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    integer,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    shuffle: (items) => {
      const left = [...items];
      return items.flatMap(() => left.splice(integer(0, left.length - 1), 1));
    },
  };
}

/** The seed of CHOUETTE_SEED, to repeat what was seen; else one of the moment. */
export function chosenSeed(): number {
  const given = Number(process.env.CHOUETTE_SEED);
  return Number.isSafeInteger(given) && given > 0 ? given : Math.floor(Math.random() * 1e9) + 1;
}
