import { parseState } from "../logs/stream-state.ts";
import { LOG_NOTES, type Storage } from "../storage/storage.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { formatTable } from "../terminal/table.ts";

/** What was read of a source of logs since it is followed; the shape in `--json`. */
export type LogSourceInspection = {
  source: string;
  /** Lines that were read, and records and bytes that were queued. */
  lines: number;
  queued: number;
  bytes: number;
  /** By level or pattern; because they only repeat another; by a rate or the budget of the day. */
  filtered: number;
  folded: number;
  left_out: number;
  /** Lines that lost their end, and what was gone before it could be read. */
  cut: number;
  lost: number;
  /** Bytes that wait where they come from. */
  waiting_bytes: number;
};

/** Reads the sources from the notes that the agent keeps with their positions. */
export async function readLogSources({ notes }: Pick<Storage, "notes">): Promise<LogSourceInspection[]> {
  return Object.entries(await notes(LOG_NOTES)).flatMap(([name, text]) => {
    const source = name.slice(LOG_NOTES.length);
    const state = /(^|:)(entry:|budget$)/.test(source) ? undefined : parseState(text);
    if (state === undefined) return [];
    const { leftOut, ...counts } = state.shape.counts;
    return [{ source, ...counts, left_out: leftOut, waiting_bytes: state.waiting }];
  });
}

/** Sources that the table shows: those with the most bytes. */
const MOST = 30;

type Count = Exclude<keyof LogSourceInspection, "source">;

const COLUMNS: readonly [title: string, of: Count, always?: boolean][] = [
  ["LINES", "lines", true],
  ["QUEUED", "queued", true],
  ["BYTES", "bytes", true],
  ["FILTERED", "filtered"],
  ["FOLDED", "folded"],
  ["LEFT OUT", "left_out"],
  ["CUT", "cut"],
  ["LOST", "lost"],
  ["WAITING", "waiting_bytes"],
];

/** Formats the sources as a table, whose last columns are there only where something is in them; "" where there are no sources. */
export function formatLogSources(sources: readonly LogSourceInspection[], width: number): string {
  if (sources.length === 0) return "";
  const shown = [...sources].sort((a, b) => b.bytes - a.bytes).slice(0, MOST);
  const columns = COLUMNS.filter(([, of, always]) => always || shown.some((it) => it[of] > 0));
  const titles = columns.map(([title]) => ({ title, right: true }));
  const cell = (of: Count, value: number) => (of.endsWith("bytes") ? formatBytes(value) : `${value}`);
  const rows = shown.map((it) => [printable(it.source), ...columns.map(([, of]) => cell(of, it[of]))]);
  const more = sources.length > MOST ? `and ${sources.length - MOST} more sources; --json shows all\n` : "";
  return `\n${formatTable([{ title: "LOGS OF" }, ...titles], rows, width)}${more}`;
}
