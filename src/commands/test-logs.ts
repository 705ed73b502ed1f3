import type { Source } from "../logs/stream.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantities.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

/** A configured source of logs and what was seen of it; the shape in `--json`. */
export type TestedLogs = {
  name: string;
  ok: boolean;
  /** Null for a socket, at which it was listened and nothing read. */
  lines: number | null;
  reason: string | null;
  remedy: string | null;
};

/** Seconds that the journal gets to begin. */
const BEGINNING = 1;

/**
 * Reads the last lines of each source once, or listens at its address, and closes it. `agentRuns`: an address that is taken is the
 * agent's, which is as it should be.
 */
export async function testLogs(
  sources: readonly Source[],
  { clock, stop }: Pick<Terminal, "clock" | "stop">,
  agentRuns: boolean,
): Promise<TestedLogs[]> {
  const never = async () => undefined;
  for (const source of sources) await source.streams(never, clock.monotonic());
  if (sources.length > 0) await clock.sleep(BEGINNING, stop);
  const tested: TestedLogs[] = [];
  for (const source of sources) {
    const streams = await source.streams(never, clock.monotonic());
    const lines = streams.flatMap((stream) => stream.read(65_536, clock.monotonic(), clock.now()).lines);
    const isSocket = streams.some(({ canWait }) => !canWait);
    const [problem] = source.problems();
    await source.close();
    const isAgents = agentRuns && problem?.isTaken === true;
    const { reason = null, remedy = null } = isAgents ? {} : (problem ?? {});
    const ok = problem === undefined || isAgents;
    tested.push({ name: source.name, ok, lines: isSocket ? null : lines.length, reason, remedy });
  }
  return tested;
}

/** Formats the sources as `test-plugins` formats plugins. */
export function formatTestedLogs(tested: readonly TestedLogs[], width: number): string {
  return tested
    .map(({ name, ok, lines, reason, remedy }) => {
      const seen = lines === null ? "the address can be used" : `read the last ${formatCount(lines, "line")}`;
      const state = ok ? `ok, ${seen}` : "FAILED";
      return [
        `logs of ${printable(name)}: ${state}\n`,
        ...(reason === null ? [] : [wrap(`  why:   ${printable(reason)}\n`, width)]),
        ...(remedy === null ? [] : [`  to do: ${printable(remedy)}\n`]),
        "\n",
      ].join("");
    })
    .join("");
}
