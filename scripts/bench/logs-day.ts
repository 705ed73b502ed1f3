import { encodeLog } from "../../src/datadog/logs.ts";
import { compress } from "../../src/datadog/payload.ts";
import { NO_BUDGET } from "../../src/logs/shape/budget.ts";
import { createShape, NEW_STATE } from "../../src/logs/shape/shape.ts";
import { createMask } from "../../src/logs/text/mask.ts";
import { readLine } from "../../src/logs/text/read-line.ts";
import { parseLog } from "../../src/records/log.ts";
import type { Measurement } from "./measurement.ts";
import { piDay } from "./pi-day.ts";

/** Logs of one request at most, and seconds between two releases. */
const REQUEST = 1000;
const RELEASE = 60;

/** Bytes on the wire of a day's syslog: released every minute, and at once after an outage; with and without folding. */
export function dayRows(): Measurement[] {
  const text = piDay(new Date());
  const lines = text.trimEnd().split("\n");
  const rows: Measurement[] = [];
  for (const fold of [false, true]) {
    const minutes = new Map<number, string[]>();
    for (const { at, body } of recordsOf(lines, fold)) {
      const minute = Math.floor(at / RELEASE);
      minutes.set(minute, [...(minutes.get(minute) ?? []), body]);
    }
    const logs = [...minutes.values()].flat();
    const live = [...minutes.values()].reduce((sum, bodies) => sum + wireBytes(bodies), 0);
    const atOnce = wireBytes(logs);
    const each = (bytes: number) => `${(bytes / lines.length).toFixed(1)} B`;
    rows.push({
      what: `a made-up day of a Pi's syslog, ${lines.length} lines of ${(text.length / lines.length).toFixed(0)} B${fold ? ", folded" : ""}`,
      chouette: `${each(live)} on the wire a line (${(live / 1000).toFixed(0)} kB), sent each minute`,
      beside: `${each(atOnce)} (${(atOnce / 1000).toFixed(0)} kB) sent at once; ${logs.length} logs`,
      aim: "",
    });
  }
  return rows;
}

/** As the agent takes them, two seconds at a time. */
function recordsOf(lines: readonly string[], fold: boolean): { at: number; body: string }[] {
  const shape = createShape({
    options: { tags: [], include: [], exclude: [], fold },
    mask: createMask([]),
    bytesPerDay: Number.POSITIVE_INFINITY,
  });
  const records: { at: number; body: string }[] = [];
  let state = NEW_STATE;
  for (const line of lines) {
    const log = { ...readLine(line, 0), host: undefined };
    const shaped = shape(state, NO_BUDGET, [log], [], log.at);
    state = shaped.state;
    records.push(...shaped.records);
  }
  return records;
}

function wireBytes(bodies: readonly string[]): number {
  const sender = { host: "raspberrypi", globalTags: [] };
  const logs = bodies.map((body) => encodeLog(parseLog(body) ?? {}, sender));
  let bytes = 0;
  for (let i = 0; i < logs.length; i += REQUEST)
    bytes += compress(new TextEncoder().encode(`[${logs.slice(i, i + REQUEST).join(",")}]`)).length;
  return bytes;
}
