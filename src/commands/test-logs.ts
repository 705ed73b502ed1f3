import type { Source } from "../logs/stream.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantities.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";

/** A configured source of logs and what was seen of it; the shape in `--json`. */
export type TestedLogs = {
  name: string;
  ok: boolean;
  lines: number;
  reason: string | null;
  remedy: string | null;
};

/** Seconds that the journal gets to begin. */
const BEGINNING = 1;

/** Reads the last lines of each source once, and closes it. */
export async function testLogs(
  sources: readonly Source[],
  { clock, stop }: Pick<Terminal, "clock" | "stop">,
): Promise<TestedLogs[]> {
  const never = async () => undefined;
  for (const source of sources) await source.streams(never, clock.monotonic());
  if (sources.length > 0) await clock.sleep(BEGINNING, stop);
  const tested: TestedLogs[] = [];
  for (const source of sources) {
    const streams = await source.streams(never, clock.monotonic());
    const lines = streams.flatMap((stream) => stream.read(65_536, clock.monotonic(), clock.now()).lines);
    const [problem] = source.problems();
    await source.close();
    const { reason = null, remedy = null } = problem ?? {};
    tested.push({ name: source.name, ok: problem === undefined, lines: lines.length, reason, remedy });
  }
  return tested;
}

/** Formats the sources as `test-plugins` formats plugins. */
export function formatTestedLogs(tested: readonly TestedLogs[], width: number): string {
  return tested
    .map(({ name, ok, lines, reason, remedy }) => {
      const state = ok ? `ok, read the last ${formatCount(lines, "line")}` : "FAILED";
      return [
        `logs of ${printable(name)}: ${state}\n`,
        ...(reason === null ? [] : [wrap(`  why:   ${printable(reason)}\n`, width)]),
        ...(remedy === null ? [] : [`  to do: ${printable(remedy)}\n`]),
        "\n",
      ].join("");
    })
    .join("");
}
