import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Agent, type AgentEnv, runAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, type Stage, setUp } from "./stage.ts";

/** The stage of an agent with a command that numbers its captures and counts each as one: what is lost, or sent twice, shows. */
export type Numbered = Stage & {
  /** How often the command ran. */
  ran(): number;
};

export async function numberedCaptures(more: AgentEnv = {}): Promise<Numbered> {
  const stage = await setUp(sqliteQueues);
  const count = join(stage.queues.dir, "count");
  const script = join(stage.queues.dir, "captures.sh");
  writeFileSync(script, `echo x >>${count}; echo "captures:$(wc -l <${count})|g"; echo "counted:1|c"\n`);
  const env = { ...stage.env, COLLECT_PLUGINS: `["exec:sh ${script}"]`, ...more };
  return { ...stage, env, ran: () => readFileSync(count, "utf8").split("\n").length - 1 };
}

/** Resolves when the intake has so many captures more. */
export function moreCaptures(stage: Stage, agent: Agent, number: number): Promise<void> {
  const wanted = captures(stage).length + number;
  return arrived(stage, agent, () => captures(stage).length >= wanted);
}

/** Every capture arrived once, but for one that SIGTERM cut short, and so did its count. */
export function checkTotals(stage: Numbered): void {
  const found = captures(stage);
  expect(found).toEqual(found.map((_, place) => place + 1));
  expect(stage.intake.sumOf("counted")).toBe(found.length);
  expect(stage.ran() - found.length).toBeLessThanOrEqual(1);
  expect(stage.intake.conflicts).toEqual([]);
}

/** The values of the captures that arrived: their numbers. */
function captures({ intake }: Stage): number[] {
  return [...intake.series]
    .filter(([name]) => name.startsWith("captures|"))
    .flatMap(([, seconds]) => [...seconds.values()])
    .sort((a, b) => a - b);
}

/** What inspect-queue finds: records in all queues, and those that were dropped. */
export async function left(env: AgentEnv): Promise<{ records: number; dropped?: Record<string, number> }> {
  const { stdout } = await runAgent(["inspect-queue", "--json"], env);
  const { queues, dropped } = JSON.parse(stdout) as Inspected;
  return { records: queues.reduce((sum, { count }) => sum + count, 0), ...(dropped && { dropped }) };
}

type Inspected = { queues: { count: number }[]; dropped?: Record<string, number> };

export const times = (text: string, part: string) => text.split(part).length - 1;
