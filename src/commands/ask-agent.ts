import * as v from "valibot";

const Closed = v.object({ raw: v.number(), series: v.number(), points: v.number() });

/** What the running agent closed because `flush` asked it to: raw metrics and series in memory that became points in a queue. */
export type Closed = v.InferOutput<typeof Closed>;

const Counts = v.record(v.string(), v.number());

const Traffic = v.object({
  listeners: v.array(v.object({ where: v.string(), buffer_bytes: v.optional(v.number()) })),
  packets: v.number(),
  malformed: Counts,
  dropped: Counts,
  last_malformed: v.nullable(v.string()),
  most_beyond_max_series: v.nullable(v.object({ metric: v.string(), lines: v.number() })),
});

/** What came in over DogStatsD since the agent started. */
export type Traffic = v.InferOutput<typeof Traffic>;

/** Asks the running agent; resolves to the value of its JSON, undefined when none answers. */
export type Ask = (question: "close" | "traffic" | "health" | "status") => Promise<unknown>;

/** Makes the agent close its windows. Resolves to undefined when there is no agent, or one of another version. */
export async function askToClose(ask: Ask): Promise<Closed | undefined> {
  const answer = v.safeParse(Closed, await ask("close"));
  return answer.success ? answer.output : undefined;
}

export async function askForTraffic(ask: Ask): Promise<Traffic | undefined> {
  const answer = v.safeParse(Traffic, await ask("traffic"));
  return answer.success ? answer.output : undefined;
}
