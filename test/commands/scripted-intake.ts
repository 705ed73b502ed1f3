import { strFromU8, unzlibSync } from "fflate";
import type { Delivery, Intake } from "../../src/datadog/delivery.ts";

export const accepted: Delivery = { outcome: "accepted", status: 202, error: "" };

/** An intake in memory that gives these answers, repeats the last one, and keeps what it accepts. */
export type ScriptedIntake = Intake & {
  /** Sent values by metric, in the order of their arrival: `{ "my.count": [[1591541270, 12]] }`. */
  points: Record<string, [timestamp: number, value: number][]>;
  logs: Record<string, unknown>[];
  /** Payloads, accepted or not. */
  posts(): number;
};

export function scriptedIntake(
  ...answers: (Delivery | (() => Delivery | Promise<Delivery>))[]
): ScriptedIntake {
  const points: ScriptedIntake["points"] = {};
  const logs: ScriptedIntake["logs"] = [];
  let posts = 0;
  return {
    points,
    logs,
    posts: () => posts,
    post: async (track, payload) => {
      const answer = answers[Math.min(posts, answers.length - 1)] ?? accepted;
      posts++;
      const delivery = typeof answer === "function" ? await answer() : answer;
      if (delivery.outcome !== "accepted") return delivery;
      const body = JSON.parse(strFromU8(unzlibSync(payload)));
      if (track === "logs") logs.push(...body);
      else
        for (const series of body.series) {
          points[series.metric] ??= [];
          points[series.metric]?.push(...series.points);
        }
      return delivery;
    },
    close: async () => {},
  };
}
