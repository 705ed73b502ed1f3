import { existsSync } from "node:fs";
import { StorageError } from "../../errors.ts";
import { bounded, countRecords } from "../bounded.ts";
import { measuringGrowth } from "../counts/growth.ts";
import { isMediumFailure } from "../sqlite/errors.ts";
import { openSqlite, type SqliteDeps } from "../sqlite/sqlite.ts";
import { sizeOnCard } from "../sqlite/stored-body.ts";
import type { KeyedStorage, Storage } from "../storage.ts";
import { type RamPlaces, ramCandidates, ramDirectory } from "./ram-directory.ts";
import { openSpool, type SpoolDeps } from "./spool.ts";
import { openStandby, type StandbyDeps } from "./standby.ts";

/** Who opens: the agent chooses the place in RAM, a command uses the agent's, a reader changes nothing. */
export type Opener = "agent" | "command" | "reader";

export type SpoolPlaces = RamPlaces & {
  /** The database on the card. */
  card: string;
  /** Every commit goes to the card: DURABILITY=strict. */
  strict: boolean;
  /** Most bytes of the database on the card. */
  maxBytes: number;
};

type Deps = SqliteDeps &
  SpoolDeps & {
    /** Seconds. */
    monotonic(): number;
    /** Bytes that the disk of the card has left for queues; undefined: unknown. */
    left(): Promise<number | undefined>;
  };

/** A note on the card: the path of the database in RAM, so that every command finds it. */
const HOT = "hot";

/**
 * Opens the embedded storage: a spool over a database in RAM and one on the card, or the card alone where the configuration or
 * the machine wants it so. What an agent before it left in RAM elsewhere moves to the card. Rejects with StorageError.
 */
export async function openEmbedded(places: SpoolPlaces, deps: Deps, opener: Opener): Promise<Storage> {
  const readOnly = opener === "reader";
  const database = openSqlite(places.card, deps, { readOnly, lazy: true });
  const used = async () => (await database.bytes()) ?? 0;
  const bounds = { most: places.maxBytes, unit: "bytes", used, left: deps.left, every: 0 } as const;
  const card = bounded(database, bounds, deps);
  let isRead = true;
  const noted = await card.note(HOT).catch((error: unknown) => {
    if (opener === "agent" && !isMediumFailure(error)) throw error;
    isRead = false;
    return undefined;
  });
  const found = findInRam(noted);
  if (opener !== "agent" && noted === undefined && (isRead || !existsSync(places.card))) checkRam(places);
  if (opener !== "agent") return found === undefined ? opened(card) : spoolAt(found, card, deps, readOnly);

  const wanted = places.strict ? undefined : chooseHot(places, deps);
  if (found !== undefined && found !== wanted) await retire(found, places.card, deps);
  if (wanted === undefined) {
    if (noted !== "") await card.commit({ notes: { [HOT]: "" } }).catch(() => {});
    const path = places.strict ? placeInRam(places, places.card) : undefined;
    return measuringGrowth(standbyAt(path, card, deps), sizeOnCard, deps.monotonic);
  }
  const spool = spoolAt(wanted, card, deps, false);
  // A card that fails is reported by the spool.
  if (noted !== wanted) await card.commit({ notes: { [HOT]: wanted } }).catch(() => {});
  return measuringGrowth(spool, sizeOnCard, deps.monotonic);
}

/**
 * Throws StorageError when an agent has a database in RAM that the card does not name: the state directory was removed while it runs, and what
 * waits is neither in RAM alone nor in a new database.
 */
function checkRam(places: SpoolPlaces): void {
  const found = ramCandidates(places)
    .map((directory) => pathIn(directory, places.card))
    .find((path) => existsSync(path));
  if (found !== undefined)
    throw new StorageError(
      `The database ${places.card} was removed while the agent was running, or it never ran with it; a running agent makes it again within a release interval: try again then. When none runs, type: sudo systemctl start chouette, or remove ${found}.`,
    );
}

/** The storage with a database in RAM that stands in while it fails; without a path, in the memory of this process. */
export function standbyAt(
  path: string | undefined,
  main: KeyedStorage,
  deps: SqliteDeps & StandbyDeps,
): Storage {
  return openStandby(main, openSqlite(path ?? ":memory:", deps, { medium: "ram" }), deps);
}

/** Uses the card alone: rejects now when it cannot be opened. */
async function opened(card: KeyedStorage): Promise<Storage> {
  await card.note(HOT);
  return card;
}

export function spoolAt(
  hot: string,
  card: KeyedStorage,
  deps: SqliteDeps & SpoolDeps,
  readOnly: boolean,
): Storage {
  const ram = openSqlite(hot, deps, { medium: "ram", readOnly });
  const spool = openSpool(ram, card, deps, readOnly);
  return {
    ...spool,
    persist: (what) =>
      spool
        .persist(what)
        .catch(async (error: unknown) => Promise.reject(await withWhatIsLeft(error, ram, hot))),
  };
}

/** Returns the error of a card, with what waits in RAM because of it. */
async function withWhatIsLeft(error: unknown, ram: Storage, path: string): Promise<unknown> {
  if (!(error instanceof StorageError)) return error;
  const left = await countRecords(ram).catch(() => 0);
  if (left === 0) return error;
  const message = `${left} records wait in RAM (${path}) for the next start, and are lost when this machine is switched off: ${error.message}`;
  return new StorageError(message, { cause: error.cause, ofQueue: error.ofQueue });
}

/** Returns the path of a database in RAM, if the note leads to one. */
export function findInRam(noted: string | undefined): string | undefined {
  return noted !== undefined && existsSync(noted) ? noted : undefined;
}

/**
 * Returns the path of a database in RAM, named after the place of the queues, so that agents with different ones keep apart:
 * `var-lib-chouette-chouette.db`. Undefined where there is no directory in RAM.
 */
export function placeInRam(places: RamPlaces, name: string): string | undefined {
  const { directory } = ramDirectory(places);
  return directory === undefined ? undefined : pathIn(directory, name);
}

function pathIn(directory: string, name: string): string {
  const plain = name
    .replaceAll("-", "--")
    .split(/[^\w.-]+/)
    .filter((part) => part !== "");
  return `${directory}/${plain.join("-")}`;
}

function chooseHot(places: SpoolPlaces, { warn }: SqliteDeps): string | undefined {
  const found = ramDirectory(places);
  if (found.directory !== undefined) return pathIn(found.directory, places.card);
  const why = "problem" in found && found.problem !== undefined ? `: ${found.problem}` : "";
  warn(
    `no directory in RAM${why}; every record is written to the card. To spare it: CHOUETTE_RUNTIME_DIR=/run/chouette, a directory on a tmpfs that outlives the agent`,
  );
  return undefined;
}

async function retire(hot: string, cardPath: string, deps: SqliteDeps & SpoolDeps): Promise<void> {
  try {
    const before = spoolAt(hot, openSqlite(cardPath, deps), deps, false);
    await before.persist().finally(() => before.close());
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    deps.warn(`what an earlier agent left in ${hot} stays there: ${error.message}`);
  }
}
