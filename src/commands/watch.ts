import { aborted } from "../schedule/deadline.ts";
import { formatBytes, formatSeconds } from "../terminal/quantities.ts";
import { openScreen, type Size } from "../terminal/screen.ts";
import { sparkline } from "../terminal/sparkline.ts";
import { formatTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";
import { formatInspection, type Inspection, isShared } from "./inspection.ts";

export type WatchDeps = Pick<Terminal, "print" | "clock" | "stop"> & { size(): Size; socket: string };

/** Looks that are remembered: no terminal is wider. */
const REMEMBERED = 500;

/**
 * Shows inspections on the terminal's second screen until the command is interrupted, every so many seconds, with a clock and how
 * the queues and the bytes sent changed meanwhile. Rejects when a look does; the terminal is restored in any case.
 */
export async function watch(deps: WatchDeps, look: () => Promise<Inspection>, every: number): Promise<void> {
  const { clock, stop, size } = deps;
  const screen = openScreen(deps.print, size);
  const history: Inspection[] = [];
  try {
    while (!stop.aborted) {
      const inspection = await Promise.race([look(), aborted(stop)]);
      if (inspection === undefined) break;
      history.push(inspection);
      if (history.length > REMEMBERED) history.shift();
      const { width } = size();
      const time = new Date(clock.now() * 1000).toTimeString().slice(0, 8);
      const heading = wrap(`${time}, every ${every} s; Ctrl+C ends\n\n`, width);
      // First, so that they are seen on a small terminal too.
      const trends = formatTrends(history, every, width);
      screen.draw(`${heading}${trends}\n${formatInspection(inspection, deps.socket, clock.now(), width)}`);
      await clock.sleep(every, stop);
    }
  } finally {
    screen.close();
  }
}

/** Characters of a trend: fewer say nothing, more are not looked at. */
const SHORTEST = 8;
const LONGEST = 60;

/** Formats how the depth of each queue that was not empty, and the bytes sent between two looks, changed. */
export function formatTrends(history: readonly Inspection[], every: number, width: number): string {
  const last = history.at(-1);
  if (last === undefined) return "";
  const depths = last.queues
    .map(({ queue }) => ({
      queue,
      name: queue.replace(/^chouette:/, ""),
      values: history.map(({ queues }) => queues.find((it) => it.queue === queue)?.count ?? 0),
    }))
    .filter(({ queue, values }) => isShared({ queue }) || values.some((value) => value > 0))
    .map(({ name, values }) => ({ name, values, now: `${values.at(-1)}` }));
  const sent = sentBetween(history);
  const rows =
    last.agent === null
      ? depths
      : [...depths, { name: "bytes sent", values: sent, now: formatBytes(sent.at(-1) ?? 0) }];
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const room = width - widest(rows.map(({ name }) => name)) - widest(rows.map(({ now }) => now)) - 4;
  const bars = Math.max(SHORTEST, Math.min(LONGEST, room));
  const seconds = every * (Math.min(history.length, bars) - 1);
  return formatTable(
    [
      { title: "TREND" },
      { title: clipped(`over ${formatSeconds(seconds)}`, bars) },
      { title: "NOW", right: true },
    ],
    rows.map(({ name, values, now }) => [name, sparkline(values, bars), now]),
    width,
  );
}

function clipped(title: string, most: number): string {
  return title.length > most ? "" : title;
}

/** Returns the bytes that the agent sent between each look and the one before; 0 where it is not known. */
function sentBetween(history: readonly Inspection[]): number[] {
  return history.map(({ agent }, index) => {
    const before = history[index - 1]?.agent?.bytes_sent;
    if (agent === null || before === undefined) return 0;
    // An agent that was restarted counts from zero.
    return agent.bytes_sent >= before ? agent.bytes_sent - before : agent.bytes_sent;
  });
}
