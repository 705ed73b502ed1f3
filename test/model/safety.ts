import type { SendReport } from "../../src/jobs/send-report.ts";

/** The promise about power cuts, where the card works: what was there at this moment is delivered, or on the card. */
export type Safety = {
  /** The number of records that had been made by then. */
  made(): number;
  /** A release begins, at a monotonic second and with so many records made; its reports follow, and it ends. */
  begin(now: number, made: number): void;
  sent(report: SendReport): void;
  end(cardWorks: boolean): void;
  /** Another process begins, which knows nothing of earlier failures. */
  restarted(): void;
  /** Everything is on the card, since the agent ended well. */
  kept(made: number): void;
};

/** Seconds after which what cannot be delivered is on the card: one release interval. */
const PATIENCE = 60;

export function createSafety(): Safety {
  let safe = 0;
  let madeBefore = 0;
  let failing = new Map<SendReport["track"], number>();
  let begun = 0;
  let isWell = true;
  let isKept = false;
  return {
    made: () => safe,
    begin: (now, made) => {
      begun = now;
      madeBefore = made;
      isWell = true;
      isKept = false;
    },
    sent: ({ track, failure, remaining }) => {
      if (failure === undefined) failing.delete(track);
      else {
        const first = failing.get(track) ?? begun;
        failing.set(track, first);
        isKept ||= begun - first >= PATIENCE;
      }
      isWell &&= failure === undefined && remaining === 0;
    },
    end: (cardWorks) => {
      if (cardWorks && (isWell || isKept)) safe = madeBefore;
    },
    restarted: () => {
      failing = new Map();
    },
    kept: (made) => {
      safe = made;
    },
  };
}
