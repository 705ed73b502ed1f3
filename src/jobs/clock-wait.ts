import type { LiveWindows } from "../aggregate/live-windows.ts";
import type { Delivery, Intake } from "../datadog/delivery.ts";
import { compress } from "../datadog/payload.ts";
import type { Clock } from "../schedule/clock.ts";
import type { ClockTrust } from "../schedule/device-clock.ts";
import type { Storage } from "../storage/storage.ts";
import { type ClockStatus, clockNote } from "./clock-note.ts";
import { placeCaptures } from "./place-captures.ts";

export type ClockWaitDeps = {
  storage: Storage;
  intake: Intake;
  clock: Clock;
  owner: string;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
  live?: LiveWindows | undefined;
  /** What is known about the clock; undefined: it is right. */
  trust?: ClockTrust | undefined;
};

/** What waits until the clock is confirmed. */
export type ClockWait = {
  /** Whether windows and captures have to wait. */
  held(): boolean;
  /**
   * Asks the intake for its date when something waits, and gives captures their time once the clock is confirmed. Resolves to
   * what an owner should know, in log messages. Rejects with LeaseBusy while another process sends.
   */
  settle(patience: number, signal: AbortSignal): Promise<string[]>;
  /** Moves windows in memory, which were stamped by the clock as it was, to the time of the confirmed clock. */
  moveWindows(): void;
  /** The intake, which takes nothing while captures have to wait. */
  intake: Intake;
};

/** A payload without a series: its answer has a date. */
const NOTHING = compress(new TextEncoder().encode('{"series":[]}'));

const UNCONFIRMED: Delivery = {
  outcome: "retry",
  status: 0,
  error:
    "the clock of this machine is not confirmed, captures wait until it is: let it synchronize (timedatectl status)",
};

const UNCONFIRMED_BUT_SENT =
  "the clock of this machine could not be confirmed; what it stamps is sent all the same: let it synchronize (timedatectl status)";

export function createClockWait(deps: ClockWaitDeps): ClockWait {
  const { storage, intake, interval, live, trust } = deps;
  let refusal = UNCONFIRMED;
  /** How the captures that waited got their final time; undefined: they wait. */
  let placed: "right" | "as stamped" | undefined;
  let noted: ClockStatus | undefined;
  /** Unix seconds of the machine's boot, as the unconfirmed clock had it; undefined once the clock is confirmed. */
  let zero = trust?.confirmed() === false ? trust.timeAt(0) : undefined;

  const somethingWaits = async (): Promise<boolean> => {
    const [raw, wrapped] = [
      await storage.size("chouette:metrics:raw"),
      await storage.size("chouette:metrics:wrapped"),
    ];
    return raw.count + wrapped.count > 0 || live?.has(Number.POSITIVE_INFINITY) === true;
  };
  const held = () => trust?.held() === true;
  const waits = () => trust !== undefined && placed === undefined;

  return {
    held,

    async settle(patience, signal) {
      if (trust === undefined) return [];
      if (held() && (await somethingWaits())) {
        const answer = await intake.post("series", NOTHING, signal);
        // What the intake thinks of an empty payload says nothing about captures; a key that it refuses does.
        refusal = answer.outcome === "retry" || answer.outcome === "hold" ? answer : UNCONFIRMED;
      }
      const status = { confirmed: trust.confirmed(), held: held() };
      const isNews = noted?.confirmed !== status.confirmed || noted.held !== status.held;
      if (isNews) await storage.commit({ notes: clockNote(status) });
      noted = status;
      if (status.held) {
        placed = undefined;
        return [];
      }
      const where = status.confirmed ? "right" : "as stamped";
      if (placed === where) return [];
      const { unplaced } = await placeCaptures({ ...deps, trust }, where, { patience, signal });
      placed = where;
      if (where === "as stamped") return [UNCONFIRMED_BUT_SENT];
      if (unplaced === 0) return [];
      return [
        `${unplaced} records of points were dropped: they are of an earlier boot whose clock was wrong, and their time is not known`,
      ];
    },

    moveWindows() {
      if (trust === undefined) return;
      const isConfirmed = trust.confirmed();
      const [before, now] = [zero, trust.timeAt(0)];
      zero = isConfirmed ? undefined : now;
      if (before === undefined || Math.abs(now - before) < interval) return;
      const shift = Math.round((now - before) / interval) * interval;
      const [was, is] = [trust.timeAt(trust.up()) - shift, trust.timeAt(trust.up())];
      live?.move((start) => (Math.abs(start - was) < Math.abs(start - is) ? start + shift : undefined));
    },

    intake: {
      ...intake,
      post: async (...request) => (held() || waits() ? refusal : intake.post(...request)),
    },
  };
}
