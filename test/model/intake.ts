import { strFromU8, unzlibSync } from "fflate";
import type { Delivery, Intake } from "../../src/datadog/delivery.ts";
import { idsOfPoint } from "./account.ts";

/** What the network and the intake do with requests. */
export type Mood = "takes" | "down" | "500" | "413" | "403" | "taken, no answer" | "taken, 500" | "no answer";

/** An intake that keeps account of what it took. */
export type ModelIntake = Intake & {
  mood: Mood;
  /** How often each record was taken: logs may come twice, points only as the same value at the same second. */
  taken: Map<string, number>;
  /** What it took since the sender last heard so and removed it from its queues, and what it took before the sender failed to. */
  unsettled: Set<string>;
  uncertain: Set<string>;
  /** What must never happen. */
  faults: string[];
};

const RETRY: Delivery = { outcome: "retry", status: 0, error: "the network is down" };

const ANSWERS: Record<Mood, Delivery> = {
  takes: { outcome: "accepted", status: 202, error: "" },
  down: RETRY,
  "500": { outcome: "retry", status: 500, error: "500" },
  "413": { outcome: "halve", status: 413, error: "413" },
  "403": { outcome: "hold", status: 403, error: "403" },
  "taken, no answer": { ...RETRY, unanswered: true },
  "taken, 500": { outcome: "retry", status: 500, error: "500" },
  "no answer": { ...RETRY, unanswered: true },
};

/** A capture with such a number makes the intake refuse its whole payload. */
export const isPoison = (capture: number) => capture % 13 === 5;

type Series = { metric: string; tags: string[]; points: [number, number][] };

/** `answered` hears of each answer. */
export function modelIntake(answered: () => void): ModelIntake {
  const values = new Map<string, number>();
  const secondOf = new Map<string, string>();

  const takeSeries = (intake: ModelIntake, { metric, tags, points }: Series) => {
    for (const [second, value] of points) {
      const place = `${metric} ${tags} at ${second}`;
      const before = values.get(place);
      if (before !== undefined && before !== value) intake.faults.push(`${place}: ${before}, then ${value}`);
      values.set(place, value);
      for (const id of idsOfPoint(metric, tags, value)) {
        const other = secondOf.get(id) ?? place;
        if (other !== place) intake.faults.push(`${id} in two points: ${other}, ${place}`);
        secondOf.set(id, place);
        intake.taken.set(id, 1);
        intake.unsettled.add(id);
      }
    }
  };

  const intake: ModelIntake = {
    mood: "takes",
    taken: new Map(),
    unsettled: new Set(),
    uncertain: new Set(),
    faults: [],
    post: async (track, payload) => {
      const answer = ANSWERS[intake.mood];
      if (answer.status !== 0) answered();
      const isTaken = intake.mood === "takes" || intake.mood.startsWith("taken");
      if (!isTaken || (track !== "series" && track !== "logs")) return answer;
      const body = JSON.parse(strFromU8(unzlibSync(payload)));
      if (track === "logs")
        for (const { message } of body) {
          intake.taken.set(message, (intake.taken.get(message) ?? 0) + 1);
          intake.unsettled.add(message);
        }
      else {
        const all: Series[] = body.series;
        const bad = all.some(
          ({ metric, points }) => metric === "captures" && points.some(([, value]) => isPoison(value)),
        );
        if (bad) return { outcome: "bisect", status: 400, error: "400" };
        for (const one of all) takeSeries(intake, one);
      }
      return answer;
    },
    close: async () => {},
  };
  return intake;
}
