import { expect } from "bun:test";
import { type Agent, type AgentOptions, endAgents, runAgent, startAgent } from "../helpers/agent.ts";
import { type Fate, type MoodyIntake, startMoodyIntake } from "../helpers/moody-intake.ts";
import type { Queues } from "../helpers/queues.ts";
import { type Random, seededRandom } from "../helpers/random.ts";
import { type Application, createApplication } from "./application.ts";

export type Play = {
  open(): Promise<Queues>;
  /** The same seed does the same things, in another order of events. */
  seed: number;
  /** The words that start another program than the executable. */
  program?: readonly string[];
};

/** What is done in one round. */
const STEPS = 20;

const KEY = "key-of-the-rounds";

let cleanUps: (() => Promise<void>)[] = [];

/** An application writes, agents run, flush, are killed and started again, and the intake misbehaves: every measurement counts once. */
export async function playRound(play: Play): Promise<void> {
  const round = await startRound(play);
  for (let step = 0; step < STEPS; step++) await takeStep(round);
  await finish(round);
}

/** For afterEach: nothing of a round outlives it. */
export async function endRound(): Promise<void> {
  await endAgents();
  for (const cleanUp of cleanUps) await cleanUp();
  cleanUps = [];
}

type Round = {
  options: AgentOptions;
  random: Random;
  queues: Queues;
  intake: MoodyIntake;
  application: Application;
  env: Record<string, string>;
  /** The `run` that is up, if one is. */
  agent: Agent | undefined;
  /** What was done so far, to analyze a failure. */
  story: string[];
};

async function startRound({ open, seed, program }: Play): Promise<Round> {
  const random = seededRandom(seed);
  const queues = await open();
  const intake = await startMoodyIntake(KEY);
  cleanUps.push(queues.stop, intake.server.stop);
  const interval = random.pick([1, 2, 10]);
  const env = {
    ...queues.env,
    API_KEY: KEY,
    DATADOG_URL: `${intake.server.url}/api`,
    DATADOG_LOGS_URL: intake.server.url,
    METRICS_API_VERSION: random.pick(["1", "2"]),
    AGGREGATE_INTERVAL: String(interval),
    RELEASE_INTERVAL: "1",
    SEND_SELF_METRICS: "false",
    HOST: "pi",
    LOG_LEVEL: "DEBUG",
  };
  const application = createApplication(queues, random, { host: "pi", interval });
  const round = {
    options: program === undefined ? {} : { program },
    random,
    queues,
    intake,
    application,
    env,
    agent: undefined,
    story: [`windows of ${interval} s`],
  };
  await restart(round);
  return round;
}

async function takeStep(round: Round): Promise<void> {
  const { random, queues, application } = round;
  const steps: Record<string, () => Promise<unknown>> = {
    write: () => application.write(random.integer(1, 300)),
    "write much": () => application.write(2000),
    flush: () => flush(round),
    "flush, killed": () => flush(round, killedAtSomeMoment),
    "inspect-queue": async () => {
      const { code, stderr } = await runAgent(["inspect-queue"], round.env, round.options);
      expect([code, stderr]).toEqual([0, ""]);
    },
    "kill run": () => (round.agent === undefined ? restart(round) : killedAtSomeMoment(round, round.agent)),
    "restart run": () => restart(round),
    "an intake in a bad mood": async () => sour(round),
    "flush twice": () => Promise.all([flush(round), flush(round)]),
    disconnect: () => queues.disconnect(),
  };
  const name = random.pick(["write", "crash", ...Object.keys(steps)]);
  round.story.push(name);
  // Nothing is written meanwhile: of a write without an answer nobody can say what became of it.
  if (name === "crash") return queues.crash();
  await Promise.all([application.write(random.integer(0, 50)), steps[name]?.()]);
}

/** Starts `run`; one that is up is told to stop before, and ends well. */
async function restart(round: Round): Promise<void> {
  if (round.agent !== undefined) {
    round.agent.kill("SIGTERM");
    const { code, signal } = await round.agent.ended;
    if (signal !== "SIGKILL") expect(code).toBe(0);
  }
  round.agent = await startAgent(["run"], round.env, round.options);
  await round.agent.logged("starting");
}

/** Runs `flush` beside any running agent; its result must be consistent. */
async function flush(
  round: Round,
  meanwhile: (round: Round, flush: Agent) => Promise<void> = async () => {},
): Promise<number | null> {
  const timeout = round.random.pick([[], [], ["--timeout", "0.5"], ["--timeout", "2"]]);
  const flushing = await startAgent(["flush", "--json", ...timeout], round.env, round.options);
  await meanwhile(round, flushing);
  const { code, signal, stdout, stderr } = await flushing.ended;
  if (signal === "SIGKILL") return null;
  const { outcome, dropped, errors } = JSON.parse(stdout);
  expect([code, outcome === "delivered", errors.length === 0, stderr]).toEqual(
    code === 0 ? [0, true, true, stderr] : [1, false, false, stderr],
  );
  expect(dropped).toEqual({ expired: 0, too_old: 0, rejected: 0, malformed: 0 });
  round.story.push(`  ${outcome}: ${errors}`);
  return code;
}

/** kill -9: now, while something is written, between two steps in the queues, in the first moments of a second, or at a request. */
async function killedAtSomeMoment(round: Round, victim: Agent): Promise<void> {
  const { random, application, queues, intake } = round;
  const kill = () => victim.kill("SIGKILL");
  const moment = random.pick(["now", "soon", "step", "step", "second", "request"]);
  round.story.push(`  killed: ${moment}`);
  if (moment === "soon") await application.write(random.integer(1, 100));
  if (moment === "step") {
    await application.write(500);
    await Promise.race([queues.changed(random.integer(1, 6)), victim.ended]);
  }
  if (moment === "second") {
    const tick = Math.ceil(Date.now() / 1000) * 1000;
    const offset = random.integer(0, 150);
    while (Date.now() < tick + offset) await application.write(5);
  }
  if (moment === "request") {
    const fate = random.pick<Fate>(["taken", "reset", "taken, reset"]);
    const met = new Promise<void>((resolve) =>
      intake.decide(() => {
        kill();
        intake.decide(() => "taken");
        resolve();
        return fate;
      }),
    );
    await Promise.race([met, flush(round), victim.ended]);
  }
  kill();
  await victim.ended;
  if (victim !== round.agent) return;
  round.agent = undefined;
  if (random.next() < 0.7) await restart(round);
}

/** From now on one or two requests go wrong; more would only make everybody wait longer. */
function sour({ random, intake, story }: Round): void {
  const fates: Fate[] = [];
  for (let i = random.integer(1, 2); i > 0; i--)
    fates.push(
      random.pick(["500", "429", "reset", "hang", "taken, 500", "taken, reset", "taken, cut", "taken, hang"]),
    );
  story.push(`  ${fates}`);
  intake.decide(() => fates.shift() ?? "taken");
}

/** A last `flush`, typed until nothing is left, and then the account. */
async function finish(round: Round): Promise<void> {
  const { random, intake, application, env, options, story } = round;
  story.push("finish");
  intake.decide(() => "taken");
  if (random.next() < 0.5 && round.agent !== undefined) {
    round.agent.kill(random.pick(["SIGTERM", "SIGKILL"]));
    await round.agent.ended;
  }
  let tries = 0;
  while ((await flush(round)) !== 0) expect(tries++).toBeLessThan(20);

  expect({ story, faults: intake.faults }).toEqual({ story, faults: [] });
  expect({ story, ...application.account(intake) }).toEqual({ story, ...application.expected() });
  const inspected = JSON.parse((await runAgent(["inspect-queue", "--json"], env, options)).stdout);
  const counts = inspected.queues.map(({ count }: { count: number }) => count);
  expect({ story, counts }).toEqual({ story, counts: counts.map(() => 0) });
}
