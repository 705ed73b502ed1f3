import type { Logger } from "../log/log.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Progress, Stuck } from "../schedule/liveness.ts";
import { printable } from "../terminal/printable.ts";

export type HeartbeatDeps = {
  clock: Clock;
  stop: AbortSignal;
  /** Sends a message to the service manager; see io/systemd-notify.ts. */
  notify(assignments: readonly string[]): Promise<void>;
  /** Seconds after which the service manager gives up an agent from which it has not heard; undefined: never. */
  watchdog: number | undefined;
  /** What the agent waits for before it is ready, in words; undefined: for nothing any more. */
  waitsFor(): Promise<string | undefined>;
  progress: Pick<Progress, "stuck">;
  /** What `systemctl status` shows of an agent at work. */
  status(): string;
  /** Of the configuration of this moment. */
  log(): Pick<Logger, "info" | "error">;
};

/** Seconds between two looks at what a start waits for, between two messages about it, and for which one extends the start. */
const LOOK = 1;
const TELL = 10;
const EXTEND = 60;

/** Seconds between two messages of an agent at work, and how many fall into the time of a watchdog: one of them may be lost. */
const STATUS = 60;
const FEEDS = 3;

/**
 * Tells the service manager how the agent is until it is told to stop: what it waits for, that it is ready, and from then on
 * that its lanes move. Every message says all there is to say, so that one that is lost is made good by the next; the first
 * ones follow soon on each other.
 */
export async function heartbeat(deps: HeartbeatDeps): Promise<void> {
  const { clock, stop, watchdog } = deps;
  await untilReady(deps);
  const judge = judgeOf(deps);
  const every = watchdog === undefined ? STATUS : Math.min(STATUS, watchdog / FEEDS);
  for (let pause = 1; !stop.aborted; pause *= 2) {
    const begin = clock.monotonic();
    const trouble = watchdog === undefined ? undefined : judge(watchdog);
    const fed = watchdog !== undefined && trouble === undefined ? ["WATCHDOG=1"] : [];
    await deps.notify(["READY=1", `STATUS=${trouble ?? deps.status()}`, ...fed]);
    await clock.sleep(Math.max(0, Math.min(pause, every) - (clock.monotonic() - begin)), stop);
  }
  await deps.notify(["STOPPING=1", "STATUS=told to stop: what still waits is sent"]);
}

async function untilReady({ clock, stop, notify, waitsFor }: HeartbeatDeps): Promise<void> {
  let told: string | undefined;
  let next = clock.monotonic();
  for (;;) {
    const waits = await waitsFor();
    if (waits === undefined || stop.aborted) return;
    if (waits !== told || clock.monotonic() >= next) {
      await notify([`EXTEND_TIMEOUT_USEC=${EXTEND * 1e6}`, `STATUS=not ready yet: ${printable(waits)}`]);
      told = waits;
      next = clock.monotonic() + TELL;
    }
    await clock.sleep(LOOK, stop);
  }
}

/** Says in words which lanes are stuck, undefined when none is; logs it when that begins and when it is over. */
function judgeOf({ progress, log }: HeartbeatDeps): (grace: number) => string | undefined {
  let before: string | undefined;
  return (grace) => {
    const stuck = progress.stuck(grace);
    const names = stuck.map(({ lane }) => lane).join();
    const words = stuck.length === 0 ? undefined : stuck.map(inWords).join("; ");
    if (words !== undefined && names !== before)
      log().error(`${words}; the watchdog is not fed any more, and systemd starts the agent anew`);
    if (words === undefined && before !== undefined) log().info("all lanes move again");
    before = words === undefined ? undefined : names;
    return words;
  };
}

function inWords({ lane, running, seconds }: Stuck): string {
  const what = running ? "is in a run that has not got on" : "has not begun a run";
  return `the lane ${lane} is stuck: it ${what} for ${Math.round(seconds)} s`;
}
