import type { Storage } from "../../src/storage/storage.ts";

/** A process that may be killed at any operation on a storage or the network. */
export type Life = {
  /** Runs an operation, or rejects because the process is dead. */
  operation<T>(run: () => Promise<T>): Promise<T>;
  /** Lets it die at the operation with this number from now on: an even one before operation `place / 2`, an odd one after it. */
  dieAt(place: number): void;
  dead(): boolean;
  kill(): void;
};

/** Not a StorageError, which would be taken for a failing storage. */
class Killed extends Error {
  override readonly name = "Killed";
}

export function createLife(): Life {
  let dead = false;
  let left = Number.POSITIVE_INFINITY;
  return {
    async operation(run) {
      if (dead) throw new Killed("killed");
      const place = left;
      left -= 2;
      if (place === 0) dead = true;
      if (dead) throw new Killed("killed");
      const result = await run();
      if (place === 1) dead = true;
      if (dead) throw new Killed("killed");
      return result;
    },
    dieAt: (place) => {
      left = place;
    },
    dead: () => dead,
    kill: () => {
      dead = true;
    },
  };
}

/** The same storage, each of whose operations is one of this life; its end closes nothing. */
export function mortal<S extends Storage>(storage: S, life: Life): S {
  const operations = Object.entries(storage)
    .filter(([, run]) => typeof run === "function")
    .map(([name, run]) => [
      name,
      name === "close" ? run : (...args: never[]) => life.operation(() => (run as Operation)(...args)),
    ]);
  return { ...storage, ...Object.fromEntries(operations) };
}

type Operation = (...args: never[]) => Promise<unknown>;
