import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { type Agent, endAgents } from "../helpers/agent.ts";
import { type Queues, rawRecord } from "../helpers/queues.ts";

export const KEY = "0123456789abcdef0123456789abcdef";

/** What the agent of one test has around it. */
export type Stage<Q extends Queues = Queues> = {
  queues: Q;
  intake: IntakeServer;
  /** An environment in which it works on these queues and this intake, with short intervals. */
  env: Record<string, string>;
};

let cleanUps: (() => Promise<void>)[] = [];

export async function setUp<Q extends Queues>(open: () => Promise<Q>): Promise<Stage<Q>> {
  const queues = await open();
  const intake = await startIntake({ apiKey: KEY });
  cleanUps.push(intake.stop, queues.stop);
  const env = {
    ...queues.env,
    API_KEY: KEY,
    DATADOG_URL: `${intake.url}/api`,
    DATADOG_LOGS_URL: intake.url,
    AGGREGATE_INTERVAL: "1",
    CAPTURE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
    SEND_SELF_METRICS: "false",
    HOST: "pi",
  };
  return { queues, intake, env };
}

/** Resolves when the intake has it; rejects when the agent ends before. */
export function arrived({ intake }: Stage, agent: Agent, condition: () => boolean): Promise<void> {
  const tooEarly = agent.ended.then(({ stderr }) => {
    if (!condition()) throw new Error(`chouette ended before it was there:\n${stderr}`);
  });
  return Promise.race([intake.until(condition), tooEarly]);
}

/** For afterEach: ends the agents first, then what they worked on. */
export async function cleanUp(): Promise<void> {
  await endAgents();
  for (const end of cleanUps) await end();
  cleanUps = [];
}

/** Writes one more count and waits until the intake has it. */
export async function measure(stage: Stage, agent: Agent): Promise<void> {
  const sum = stage.intake.sumOf("my.count") + 1;
  await stage.queues.write("chouette:metrics:raw", [
    rawRecord({ metric: "my.count", type: "count", value: 1, timestamp: Date.now() / 1000, tags: {} }),
  ]);
  await arrived(stage, agent, () => stage.intake.sumOf("my.count") === sum);
}
