import { strFromU8, unzlibSync } from "fflate";
import type { Delivery, Intake, IntakeTrack } from "../../src/datadog/delivery.ts";
import { readSketches } from "../../src/datadog/read-sketches.ts";

export const accepted: Delivery = { outcome: "accepted", status: 202, error: "" };

/** A request: its payload decompressed, as a text and as JSON. */
export type Sent = {
  track: IntakeTrack;
  text: string;
  body: SentBody;
  wireBytes: number;
  signal: AbortSignal;
};

/** `series` in a body of series, empty in one of logs; the body itself is a list of logs. */
export type SentBody = { series: SentSeries[] } & readonly Record<string, unknown>[];

export type SentSeries = { metric: string; points: [timestamp: number, value: number][] };

/** An intake in memory that keeps what it is sent. */
export type MemoryIntake = Intake & {
  /** Accepted payloads in the order of their arrival, unpacked; sketches as `readSketches` reads them. */
  taken: { track: IntakeTrack; body: unknown }[];
  /** Of every request, accepted or not. */
  bodies: SentBody[];
  /** Accepted values by metric, in the order of their arrival: `{ "my.count": [[1591541270, 12]] }`. */
  points: Record<string, [timestamp: number, value: number][]>;
  /** Accepted logs. */
  logs: Record<string, unknown>[];
};

type Answer = (request: Sent) => Delivery | Promise<Delivery>;

export function memoryIntake(answer: Answer = () => accepted): MemoryIntake {
  const intake: MemoryIntake = {
    taken: [],
    bodies: [],
    // No prototype: a metric may be called valueOf.
    points: Object.create(null),
    logs: [],
    post: async (track, payload, signal) => {
      const raw = unzlibSync(payload);
      const text = track === "sketches" ? JSON.stringify(readSketches(raw)) : strFromU8(raw);
      const body: SentBody = JSON.parse(text);
      body.series ??= [];
      intake.bodies.push(body);
      const delivery = await answer({ track, text, body, wireBytes: payload.length, signal });
      if (delivery.outcome !== "accepted") return delivery;
      intake.taken.push({ track, body: JSON.parse(text) });
      if (track === "logs") intake.logs.push(...body);
      for (const { metric, points } of body.series) {
        intake.points[metric] ??= [];
        intake.points[metric]?.push(...points);
      }
      return delivery;
    },
    close: async () => {},
  };
  return intake;
}

/** Gives these answers one after the other, the last one from then on. */
export function inTurn(...answers: (Delivery | (() => Delivery | Promise<Delivery>))[]): Answer {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next++, answers.length - 1)] ?? accepted;
    return typeof answer === "function" ? answer() : answer;
  };
}
