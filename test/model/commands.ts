import fc from "fast-check";
import type { Mood } from "./intake.ts";
import type { Broken } from "./levels.ts";
import type { World } from "./world.ts";

/** The world is model and reality at once: it keeps account of what was made. */
export type Command = fc.AsyncCommand<object, World>;

const RAW = "chouette:metrics:raw";

/** Something that happens; a process that was killed before is started first, as systemd does. */
function happening(what: string, run: (world: World) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (_, world) => {
      await world.revive();
      await run(world);
    },
    toString: () => what,
  };
}

/** So many turns of 10 s of a healthy agent: windows close, every third turn captures, every sixth sends. */
export async function live(world: World, turns: number): Promise<void> {
  for (let turn = 0; turn < turns && !world.agent().life.dead(); turn++) {
    world.machine.pass(10);
    await world.agent().aggregate();
    const tens = Math.floor(world.machine.monotonic() / 10);
    if (tens % 3 === 0) await world.capture();
    if (tens % 6 === 1) await world.release();
  }
}

export async function count(world: World, late: number): Promise<void> {
  const made = world.account.count();
  if (made === undefined) return;
  const timestamp = world.machine.now() - late;
  const tags = { series: made.series };
  const body = { metric: "counts", type: "count", value: made.value, timestamp, tags };
  await world.arrive(RAW, { at: timestamp, body: JSON.stringify(body) });
}

export async function log(world: World): Promise<void> {
  const at = world.machine.now();
  const body = {
    date: new Date(at * 1000).toISOString(),
    message: world.account.log(),
  };
  await world.arrive("chouette:logs:wrapped", { at, body: JSON.stringify(body) });
}

async function malformed(world: World): Promise<void> {
  const body = `{${world.account.malformed()}`;
  await world.arrive(RAW, { at: world.machine.now(), body });
}

/** The clock of a machine after its boot: right, as long ago as it was last written down, or without a battery. */
const shows = fc.oneof(
  fc.constant((world: World) => world.machine.time()),
  fc.integer({ min: 1, max: 3600 }).map((back) => (world: World) => world.machine.now() - back),
  fc.constant(() => 1000),
);

const MOODS: readonly Mood[] = [
  "takes",
  "takes",
  "down",
  "down",
  "500",
  "413",
  "403",
  "taken, no answer",
  "taken, 500",
  "no answer",
];

const commands: fc.Arbitrary<Command>[] = [
  fc.integer({ min: 1, max: 20 }).map((turns) => happening(`live ${turns}`, (world) => live(world, turns))),
  fc.integer({ min: 1, max: 20 }).map((turns) => happening(`live ${turns}`, (world) => live(world, turns))),
  fc
    .record({ late: fc.constantFrom(0, 0, 3, 17, 45), number: fc.integer({ min: 1, max: 4 }) })
    .map(({ late, number }) =>
      happening(`count ×${number}, ${late} s late`, async (world) => {
        for (let n = 0; n < number; n++) await count(world, late);
      }),
    ),
  fc.constant(happening("log", log)),
  fc.constant(happening("malformed", malformed)),
  fc.constant(happening("capture", (world) => world.capture())),
  fc.constant(happening("aggregate", (world) => world.agent().aggregate())),
  fc.constant(happening("release", (world) => world.release())),
  fc.constant(happening("flush", (world) => world.flush())),
  fc.constant(happening("restart", (world) => world.restart())),
  fc
    .integer({ min: 0, max: 80 })
    .map((place) => happening(`dies at ${place}`, async (world) => world.agent().life.dieAt(place))),
  fc.constant(happening("kill -9", async (world) => world.agent().life.kill())),
  shows.map((time) => happening("power cut", (world) => world.powerCut(time(world)))),
  shows.map((time) =>
    happening("reboot", async (world) => {
      await world.restart();
      await world.powerCut(time(world));
    }),
  ),
  fc
    .constantFrom(-86_400, -3600, -25, -7, 7, 25, 3600, 86_400)
    .map((step) => happening(`clock ${step}`, async ({ machine }) => machine.set(machine.now() + step))),
  fc.constant(happening("synchronized", async ({ machine }) => machine.synchronize())),
  fc
    .integer({ min: 1, max: 5000 })
    .map((seconds) => happening(`pass ${seconds}`, async ({ machine }) => machine.pass(seconds))),
  fc.constantFrom(...MOODS).map((mood) =>
    happening(`network: ${mood}`, async ({ intake }) => {
      intake.mood = mood;
    }),
  ),
  fc
    .constantFrom<Broken>("no", "no", "writes", "all")
    .map((what) => happening(`card fails: ${what}`, async (world) => world.breaks(what))),
];

export const anyCommands = fc.commands(commands, { size: "+1", maxCommands: 60 });

/** In the end everything works and the clock is right: what is left is sent. */
export async function settle(world: World): Promise<void> {
  world.intake.mood = "takes";
  world.breaks("no");
  await world.revive();
  world.agent().life.dieAt(Number.POSITIVE_INFINITY);
  world.machine.synchronize();
  for (let round = 0; round < 16 && (round < 4 || (await world.remaining()) > 0); round++) {
    await live(world, 12);
    world.machine.pass(round > 6 ? 90_000 : 61);
    await world.agent().aggregate();
    await world.release();
  }
}
