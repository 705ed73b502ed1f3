import type { Config } from "../config/config.ts";
import { fateOf, processOwner } from "../io/process-owner.ts";
import { recordKey } from "../records/key.ts";
import { bounded, countRecords } from "./bounded.ts";
import { measuringGrowth } from "./counts/growth.ts";
import type { OpenDeps } from "./open-deps.ts";
import { openRedis } from "./redis/redis.ts";
import { findInRam, type Opener, placeInRam, spoolAt, standbyAt } from "./spool/open-spool.ts";
import type { Storage } from "./storage.ts";

type Shared = Extract<Config["storage"], { type: "redis" }>;

/** Seconds between two counts of the records in Redis. */
const RECOUNT = 10;

/**
 * Opens the queues in Redis. While Redis is unreachable or refuses writes, the agent continues with a database in RAM; a command beside it
 * finds that by a note in Redis, `hot:` and the name of this machine.
 */
export async function openShared(storage: Shared, deps: OpenDeps, opener: Opener): Promise<Storage> {
  const { now } = deps;
  const state = oneState(deps.onState);
  const redis = openRedis(await trusting(storage.address), {
    now,
    onState: state.connection,
    fateOf: (owner) => fateOf(owner, false),
  });
  const bounds = { most: storage.maxRecords, unit: "records", every: RECOUNT } as const;
  const left = async () => undefined;
  const main = bounded(redis, { ...bounds, used: () => countRecords(redis), left }, deps);
  const owner = processOwner();
  const ramDeps = {
    ...deps,
    onCard: state.storage,
    owner,
    fateOf: (owner: string) => fateOf(owner, true),
    newKey: () => recordKey(now()),
  };
  const note = `hot:${owner.slice(owner.lastIndexOf("/") + 1)}`;
  if (opener === "agent") {
    const path = placeInRam(storage, `redis/${storage.address.where}`);
    const standby = standbyAt(path, main, ramDeps);
    await standby.commit({ notes: { [note]: path ?? "" } }).catch(() => undefined);
    return measuringGrowth(standby, ({ length }) => length, deps.monotonic);
  }
  const found = findInRam(await main.note(note).catch(() => undefined));
  if (found === undefined) return main;
  return opener === "reader" ? spoolAt(found, main, ramDeps, true) : standbyAt(found, main, ramDeps);
}

/**
 * Two report on Redis: the connection, and operations that it refuses. It is back when neither has anything to report. An operation that the loss
 * of the connection ended reports that late, when there may be another one.
 */
function oneState(onState: OpenDeps["onState"]) {
  let told = true;
  let refuses = false;
  let connected = true;
  let loss = "";
  const tell = (up: boolean, error: string) => {
    if (up !== told) onState(up, error);
    told = up;
  };
  return {
    connection: (up: boolean, error: string) => {
      connected = up;
      if (!up) loss = error;
      tell(up && !refuses, error);
    },
    storage: (up: boolean, error: string) => {
      if (!up && connected && error === loss) return;
      refuses = !up;
      tell(up, error);
    },
  };
}

/** Adds the authorities that TLS trusts, which are read only where there is TLS. */
async function trusting(address: Shared["address"]): Promise<Shared["address"]> {
  return address.tls ? (await import("../io/trusted-authorities.ts")).withAuthorities(address) : address;
}
