import type { Group } from "../aggregate/window.ts";
import type { Series } from "../records/series-identity.ts";

/**
 * A line without its value, `page.load|ms|@0.1|#page:home`, and what the exact parser made of it: applications send the same few
 * again and again with other values. Only lines with one plain value have a shape: no set, no packed values, no time.
 */
export type Shape = Meaning & {
  name: string;
  rest: string;
  /** Where the last value went, and the generation of live windows in which that is valid. */
  group: Group | undefined;
  generation: number;
  window: number;
  /** The calls of `age` before it was met last. */
  age: number;
  /** What came after it the last time. Clients that aggregate, and loops, send the same lines in the same order. */
  next: Shape | undefined;
};

/** What the exact parser made of a line. */
export type Meaning = {
  type: Exclude<Group["type"], "set" | "rate">;
  series: Series;
  /** Count: what a value is divided by. */
  rate: number;
  /** Histogram, distribution: measurements that a value stands for. */
  weight: number;
};

/** A line such as `page.load:320|ms|@0.1`, cut into `page.load`, `|ms|@0.1` and 320. */
export type Cut = { name: string; rest: string; value: number };

/** Digits of a value that a number keeps exactly. */
const MOST_DIGITS = 15;

/** Longest key that is remembered: a longer one is seldom met again. */
const LONGEST = 1000;

const [PIPE, DOT, MINUS, NINE, ZERO] = [0x7c, 0x2e, 0x2d, 0x39, 0x30] as const;

const cut: Cut = { name: "", rest: "", value: 0 };

/**
 * Cuts a line, `text` from `start` to `end`, such as `page.load:320|ms|@0.1|#page:home`. Returns undefined when it has no plain
 * value; whether the rest is right is for the exact parser. The result is valid until the next call.
 */
export function cutLine(text: string, start: number, end: number): Cut | undefined {
  const colon = text.indexOf(":", start);
  if (colon <= start || colon >= end || end - start > LONGEST) return undefined;
  let at = colon + 1;
  const negative = text.charCodeAt(at) === MINUS;
  if (negative) at++;
  const first = at;
  let whole = 0;
  let dot = -1;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) whole = whole * 10 + (code - ZERO);
    else if (code === DOT && dot === -1) dot = at;
    else break;
  }
  const digits = at - first - (dot === -1 ? 0 : 1);
  if (digits === 0 || digits > MOST_DIGITS || at >= end || text.charCodeAt(at) !== PIPE) return undefined;
  // Of at most 15 digits both numbers are exact, and so the quotient is the nearest number, as that of the text.
  const size = dot === -1 ? whole : whole / (POWERS[at - 1 - dot] ?? 1);
  cut.name = text.slice(start, colon);
  cut.rest = text.slice(at, end);
  cut.value = negative ? -size : size;
  return cut;
}

const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** Shapes that were met in this window and the one before; `most` in each. */
export type Shapes = {
  get(cut: Cut): Shape | undefined;
  set(cut: Cut, meaning: Meaning): void;
  /** Forgets those that were not met since the last call. */
  age(): void;
};

/** By name, then by the rest: to join both for one key would take longer than to look twice. */
type Names = Map<string, Map<string, Shape>>;

export function rememberShapes(most: number): Shapes {
  let young: Names = new Map();
  let old: Names = new Map();
  let count = 0;
  let age = 0;
  let last: Shape | undefined;

  const keep = (shape: Shape) => {
    if (count >= most) return;
    count++;
    let rests = young.get(shape.name);
    if (rests === undefined) {
      rests = new Map();
      young.set(shape.name, rests);
    }
    shape.age = age;
    rests.set(shape.rest, shape);
  };

  const find = ({ name, rest }: Cut): Shape | undefined => {
    const found = young.get(name)?.get(rest);
    if (found !== undefined) return found;
    const before = old.get(name)?.get(rest);
    if (before !== undefined) keep(before);
    return before;
  };

  /** One text for all shapes of a name. */
  const nameOf = (name: string): string => {
    const [known] = young.get(name)?.values() ?? [];
    return known?.name ?? copyOf(name);
  };

  return {
    set({ name, rest }, { type, series, rate, weight }) {
      // Such a name is one only for the exact parser.
      if (name.includes("|")) return;
      const at = { group: undefined, generation: 0, window: 0, age, next: undefined };
      keep({ type, series, rate, weight, name: nameOf(name), rest: copyOf(rest), ...at });
    },
    get(cut) {
      // To compare takes a third of the time of two looks into maps.
      const next = last?.next;
      if (next?.age === age && next.name === cut.name && next.rest === cut.rest) {
        last = next;
        return next;
      }
      const found = find(cut);
      if (last !== undefined) last.next = found;
      last = found;
      return found;
    },
    age() {
      // Otherwise one that is met would hold a chain of all that ever were.
      for (const rests of old.values())
        for (const shape of rests.values()) if (shape.age !== age) shape.next = undefined;
      age++;
      old = young;
      young = new Map();
      count = 0;
      last = undefined;
    },
  };
}

/** A text of its own: a part of a packet's text keeps all of that in memory. */
function copyOf(part: string): string {
  return Buffer.from(part, "latin1").toString("latin1");
}
