import { isStorageFailure, StorageError } from "../../errors.ts";

/** What work does to the card; `trim`: a write that often has nothing to do, whose success shows nothing. */
export type Access = "read" | "write" | "trim";

export type CardHealth = ReturnType<typeof createCardHealth>;

/**
 * Runs work on the card, and reports once when it begins to fail, with the reason, and once when it works again. A card that
 * refuses writes still reads: only a write shows that it works again.
 */
export function createCardHealth(onCard: (up: boolean, error: string) => void) {
  let failing: "no" | "read" | "write" = "no";

  /** Rejects as the work does. */
  async function run<T>(access: Access, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (failing === access || (failing === "read" && access === "write")) {
        failing = "no";
        onCard(true, "");
      }
      return result;
    } catch (error) {
      if (isStorageFailure(error)) {
        if (failing === "no") onCard(false, error.message);
        if (failing !== "write") failing = access === "read" ? "read" : "write";
      }
      throw error;
    }
  }

  /** Resolves to undefined where the card fails. */
  async function attempt<T>(access: Access, work: () => Promise<T>): Promise<T | undefined> {
    return run(access, work).catch((error: unknown) => {
      if (error instanceof StorageError) return undefined;
      throw error;
    });
  }

  return { run, attempt, fails: () => failing !== "no" };
}
