import { afterEach, describe, setDefaultTimeout, test } from "bun:test";
import { durableRedisQueues, sqliteQueues } from "../helpers/queues.ts";
import { chosenSeed } from "../helpers/random.ts";
import { endRound, playRound } from "./round.ts";

// Two minutes would do, but not for an executable under emulation (scripts/test-install.sh).
setDefaultTimeout(600_000);

/** Rounds for each storage. */
const ROUNDS = Number(process.env.CHOUETTE_ROUNDS ?? 3);

const first = chosenSeed();
console.log(`CHOUETTE_SEED=${first}`);

afterEach(endRound);

describe.each([
  ["Redis", durableRedisQueues],
  ["the embedded storage", sqliteQueues],
])("on %s", (_, open) => {
  test.each(Array.from({ length: ROUNDS }, (_, i) => first + i))(
    "every measurement counts once, whatever happens (seed %d)",
    (seed) => playRound({ open, seed }),
  );
});
