import type { Logger } from "../log/log.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Liveness, Stuck } from "../schedule/liveness.ts";
import { printable } from "../terminal/printable.ts";

export type HeartbeatDeps = {
  clock: Clock;
  stop: AbortSignal;
  /** Sends a message to the service manager; see io/systemd-notify.ts. */
  notify(assignments: readonly string[]): Promise<void>;
  /** Seconds of silence after which the service manager kills the agent; undefined: never. */
  watchdog: number | undefined;
  /** Resolves to the reason why the agent is not ready yet; undefined once it is. */
  waitsFor(): Promise<string | undefined>;
  liveness: Pick<Liveness, "stuck">;
  /** The line that `systemctl status` shows of a running agent. */
  status(): string;
  /** Returns a signal that aborts when that line has news that are to be seen at once. */
  news(): AbortSignal;
  /** The logger of the current configuration. */
  log(): Pick<Logger, "info" | "error">;
};

/** Seconds, during the start: between two checks, between two messages, and by which one message extends the start timeout. */
const LOOK = 1;
const TELL = 10;
const EXTEND = 60;

/** Seconds between two messages of a running agent, and messages per watchdog period: one of them may be lost. */
const STATUS = 60;
const FEEDS = 3;

/**
 * Reports the agent's state to the service manager until the agent is asked to stop: why it is not ready, that it is ready, and
 * then that its lanes make progress. Every message carries the whole state, so that the next one makes up for a lost one; the
 * first ones follow each other quickly.
 */
export async function heartbeat(deps: HeartbeatDeps): Promise<void> {
  const { clock, stop, watchdog } = deps;
  await untilReady(deps);
  const judge = judgeOf(deps);
  const every = watchdog === undefined ? STATUS : Math.min(STATUS, watchdog / FEEDS);
  for (let pause = 1; !stop.aborted; pause *= 2) {
    const begin = clock.monotonic();
    const trouble = watchdog === undefined ? undefined : judge(watchdog);
    const news = deps.news();
    const fed = watchdog !== undefined && trouble === undefined ? ["WATCHDOG=1"] : [];
    await deps.notify(["READY=1", `STATUS=${trouble ?? deps.status()}`, ...fed]);
    const rest = Math.max(0, Math.min(pause, every) - (clock.monotonic() - begin));
    await clock.sleep(rest, AbortSignal.any([stop, news]));
  }
  await deps.notify(["STOPPING=1", "STATUS=stopping: sending what is queued"]);
}

async function untilReady({ clock, stop, notify, waitsFor }: HeartbeatDeps): Promise<void> {
  let reported: string | undefined;
  let next = clock.monotonic();
  for (;;) {
    const waits = await waitsFor();
    if (waits === undefined || stop.aborted) return;
    if (waits !== reported || clock.monotonic() >= next) {
      await notify([`EXTEND_TIMEOUT_USEC=${EXTEND * 1e6}`, `STATUS=not ready yet: ${printable(waits)}`]);
      reported = waits;
      next = clock.monotonic() + TELL;
    }
    await clock.sleep(LOOK, stop);
  }
}

/** Describes the lanes that are stuck, undefined when none is; logs when that begins and when it ends. */
function judgeOf({ liveness, log }: HeartbeatDeps): (grace: number) => string | undefined {
  let before: string | undefined;
  return (grace) => {
    const stuck = liveness.stuck(grace);
    const names = stuck.map(({ lane }) => lane).join();
    const words = stuck.length === 0 ? undefined : stuck.map(describe).join("; ");
    if (words !== undefined && names !== before)
      log().error(`${words}; the watchdog is no longer fed, so systemd restarts the agent`);
    if (words === undefined && before !== undefined) log().info("all lanes make progress again");
    before = words === undefined ? undefined : names;
    return words;
  };
}

function describe({ lane, running, seconds }: Stuck): string {
  return `lane ${lane} is stuck: no ${running ? "progress" : "run started"} for ${Math.round(seconds)} s`;
}
