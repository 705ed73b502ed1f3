import * as v from "valibot";
import { printable } from "../terminal/printable.ts";
import { formatSeconds } from "../terminal/quantities.ts";
import type { Ask } from "./ask-agent.ts";

const Health = v.object({
  stuck: v.array(v.object({ lane: v.string(), running: v.boolean(), seconds: v.number() })),
});

/** What the running agent answers: the lanes (captures, deliveries, the renewal of its lease) that make no progress. */
export type Health = v.InferOutput<typeof Health>;

export type HealthDeps = { ask: Ask; note(text: string): void; socket: string };

/**
 * Checks that an agent runs and makes progress, without opening the queues: `inspect-queue --health`. Resolves to 0, or to 1 with
 * the reason on standard error. An agent answers only after it took its lease. That the intake or Redis is down is not its
 * fault, and a restart would lose what it keeps in memory: it is healthy then.
 */
export async function checkHealth({ ask, note, socket }: HealthDeps): Promise<number> {
  const answer = v.safeParse(Health, await ask("health"));
  if (!answer.success) {
    note(
      `unhealthy: no agent answers at ${printable(socket)}: it is starting, hangs, or does not run. Look at its log: docker logs, kubectl logs, or sudo journalctl -u chouette\n`,
    );
    return 1;
  }
  const { stuck } = answer.output;
  if (stuck.length === 0) return 0;
  note(`unhealthy: ${stuck.map(describe).join("; ")}. Restart the agent if this lasts\n`);
  return 1;
}

function describe({ lane, running, seconds }: Health["stuck"][number]): string {
  const what = running ? "no progress in a run" : "no run";
  return `${printable(lane)}: ${what} for ${formatSeconds(seconds)}`;
}
