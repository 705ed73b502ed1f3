import {
  type IntakeServer,
  type Reply,
  type SeenRequest,
  startIntake,
} from "../../scripts/servers/intake.ts";
import { judge } from "../../scripts/servers/intake-rules.ts";

/** What becomes of a request: whether its data are taken, and what its sender hears of it. */
export type Fate =
  | "taken"
  /** Not taken: an answer, a reset connection, no answer. */
  | "500"
  | "429"
  | "413"
  | "reset"
  | "hang"
  /** Taken, and yet: an error, a reset connection, an answer that is cut off, no answer. */
  | "taken, 500"
  | "taken, reset"
  | "taken, cut"
  | "taken, hang";

/** An intake that keeps account of what it takes, whatever it answers. */
export type MoodyIntake = {
  server: IntakeServer;
  /** Is asked for the fate of each request when it is complete. */
  decide(fate: (request: SeenRequest) => Fate): void;
  /** What Datadog would have by now: the last value of each series (`metric|type|host:h,tag,…`) and second. */
  kept: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** How often each message of a log was taken. */
  logs: ReadonlyMap<string, number>;
  /** A series and second that was sent with two values, and requests that break the rules: what must never happen. */
  faults: string[];
};

export async function startMoodyIntake(apiKey: string): Promise<MoodyIntake> {
  const kept = new Map<string, Map<number, number>>();
  const sent = new Map<string, number>();
  const logs = new Map<string, number>();
  const faults: string[] = [];
  let fateOf: (request: SeenRequest) => Fate = () => "taken";

  const server = await startIntake({
    apiKey,
    script: (request) => {
      const { status, points = [], logs: messages = [], body } = judge(request, apiKey);
      if (status >= 300) faults.push(`${request.path}: ${status} ${body}`);
      for (const { identity, timestamp, value } of points) {
        const before = sent.get(`${identity} at ${timestamp}`) ?? value;
        if (before !== value) faults.push(`${identity} at ${timestamp}: ${before}, then ${value}`);
        sent.set(`${identity} at ${timestamp}`, value);
      }
      const fate = fateOf(request);
      if (fate.startsWith("taken")) {
        for (const { identity, timestamp, value } of points) {
          const seconds = kept.get(identity) ?? new Map<number, number>();
          kept.set(identity, seconds.set(timestamp, value));
        }
        for (const { message } of messages) logs.set(String(message), (logs.get(String(message)) ?? 0) + 1);
      }
      return REPLIES[fate];
    },
  });
  return {
    server,
    decide: (next) => {
      fateOf = next;
    },
    kept,
    logs,
    faults,
  };
}

const REPLIES: Record<Fate, Reply | undefined> = {
  taken: undefined,
  "500": { status: 500 },
  "429": { status: 429 },
  "413": { status: 413 },
  reset: "reset",
  hang: "hang",
  "taken, 500": { status: 500 },
  "taken, reset": "reset",
  "taken, cut": "cut",
  "taken, hang": "hang",
};
