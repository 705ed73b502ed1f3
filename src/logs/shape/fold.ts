import type { LogLine } from "../log-line.ts";
import type { Status } from "../text/status.ts";

/** The last line of one service, and how often it came again since that was last sent. Plain data, kept with the position. */
export type Fold = {
  service: string;
  status: Status | undefined;
  /** Hash of the text: the text itself would not fit into a note. */
  hash: number;
  length: number;
  repeats: number;
  /** Unix seconds: the time of the last repeat, and when the first came since repeats were last sent. */
  at: number;
  since: number;
};

/** Folds the lines of one batch. Lines about repeats, `last message repeated 57 times` as syslogd writes them, go to `tell`. */
export type Folding = {
  /** Takes a line at `now` (Unix seconds); false when it repeats the last one of its service. */
  take(line: LogLine, now: number): boolean;
  /** Tells of the repeats that have waited for a minute. */
  tellRipe(now: number): void;
  folds(): Fold[];
};

/** Services that are remembered: the journal mixes the lines of many. */
const MOST = 8;

/** Seconds after which repeats are sent although the line still comes. */
const PATIENCE = 60;

/** Characters of a service's name that are kept in a note. */
const LONGEST = 64;

/** A fold in use: its text where it is known, and when it was used, counted in lines. */
type Entry = Fold & { text: string | undefined; used: number };

/** Continues what was remembered of earlier batches. Mutable inside, because it runs for every line. */
export function createFolding(before: readonly Fold[], tell: (line: LogLine) => void): Folding {
  const entries: Entry[] = before.map((fold) => ({ ...fold, text: undefined, used: 0 }));
  let lines = 0;

  return {
    take(line, now) {
      lines++;
      const service = nameOf(line);
      const last = entries.find((entry) => entry.service === service);
      if (last !== undefined && isRepeat(last, line)) {
        if (last.repeats === 0) last.since = now;
        last.repeats++;
        last.at = line.at;
        last.used = lines;
        return false;
      }
      const entry = last ?? leastUsed(entries);
      if (entry.repeats > 0) tell(about(entry));
      entry.service = service;
      entry.status = line.status;
      entry.text = line.message;
      entry.length = line.message.length;
      entry.repeats = 0;
      entry.at = line.at;
      entry.since = now;
      entry.used = lines;
      return true;
    },
    tellRipe(now) {
      for (const entry of entries)
        if (entry.repeats > 0 && Math.abs(now - entry.since) >= PATIENCE) {
          tell(about(entry));
          entry.repeats = 0;
        }
    },
    folds() {
      const folds = [...entries]
        .sort((a, b) => b.used - a.used)
        .map(({ text, used: _, ...fold }) => (text === undefined ? fold : { ...fold, hash: hashOf(text) }));
      // A copy: the name of a service is a part of the text of a whole read, which it would keep in memory.
      return JSON.parse(JSON.stringify(folds)) as Fold[];
    },
  };
}

function nameOf({ service = "" }: LogLine): string {
  return service.length > LONGEST ? service.slice(0, LONGEST) : service;
}

function isRepeat(last: Entry, { message, status }: LogLine): boolean {
  if (last.length !== message.length || last.status !== status) return false;
  return last.text === undefined ? last.hash === hashOf(message) : last.text === message;
}

/** A new entry while there is room, else the one that was used longest ago. */
function leastUsed(entries: Entry[]): Entry {
  const oldest = entries.reduce((a, b) => (b.used < a.used ? b : a), entries[0] ?? NEW);
  if (entries.length >= MOST) return oldest;
  const entry = { ...NEW };
  entries.push(entry);
  return entry;
}

const NEW: Entry = {
  service: "",
  status: undefined,
  hash: 0,
  length: 0,
  repeats: 0,
  at: 0,
  since: 0,
  text: undefined,
  used: 0,
};

function about({ service, status, repeats, at }: Fold): LogLine {
  return {
    message: `last message repeated ${repeats === 1 ? "once" : `${repeats} times`}`,
    json: false,
    at,
    status,
    service: service === "" ? undefined : service,
  };
}

/** FNV-1a over UTF-16 units, 32 bits; the length is compared too. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
