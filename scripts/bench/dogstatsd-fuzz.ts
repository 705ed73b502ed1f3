import { foldValues, foldWeights } from "../../src/aggregate/fold.ts";
import { setUp } from "./dogstatsd-setup.ts";

const PACKETS = 100;
const AT = 1_656_581_405;

/** Lines of random parts, each twice, through the cache of shapes and through the exact parser alone; returns the packets that differ. */
export function fuzzLines(lines: number): { lines: number; differences: number } {
  const options = { now: () => AT };
  const [fast, exact] = [setUp(1e6, options), setUp(1e6, { ...options, shapes: 0 })];
  let differences = 0;
  let count = 0;
  while (count < lines) {
    const packets = Array.from({ length: PACKETS }, () => Array.from({ length: 50 }, randomLine).join("\n"));
    for (const packet of [...packets, ...packets]) {
      fast.receive(Buffer.from(packet));
      exact.receive(Buffer.from(packet));
      count += 50;
    }
    if (stateOf(fast) !== stateOf(exact)) differences++;
  }
  return { lines: count, differences };
}

function stateOf({ live, counter }: ReturnType<typeof setUp>): string {
  const groups = live.take(Number.POSITIVE_INFINITY).flatMap((window) => window.groups);
  const texts = groups.map(({ series, type, fold }) => [
    series.id,
    type,
    foldValues(fold),
    foldWeights(fold),
  ]);
  live.settle(groups);
  return JSON.stringify([texts.map((one) => JSON.stringify(one)).sort(), counter.traffic]);
}

const NAMES = ["a", "page.load", "b:c", "A b", "né", "", "a|b", "_sc", "_e{1,1}", "x".repeat(300), "1", "."];
const VALUES = [
  "1",
  "0",
  "-3",
  "1.5",
  "-0.25",
  ".5",
  "5.",
  "1e3",
  "+4",
  "1:2:3",
  "",
  "-",
  "nan",
  "12345678901234567890",
  "0.1234567890123456",
  "1,5",
  " 1",
  "0x1p3",
  "--1",
  "1.2.3",
  "user",
  "9007199254740993",
];
const TYPES = ["c", "g", "h", "d", "ms", "s", "", "m", "C", "c "];
const FIELDS = [
  "@0.1",
  "@0",
  "@1",
  "@x",
  "@1e-13",
  "#a:b",
  "#",
  "#b,a:c,,a",
  "#dd.internal.entity_id:x",
  "T1656581400",
  "T0",
  "c:in-1",
  "e:it",
  "card:low",
  "",
  "é",
];
const ENDS = ["", "", "", "\r", "\r\r", "|"];

function randomLine(): string {
  const fields = Array.from({ length: Math.floor(Math.random() * 4) }, () => `|${pick(FIELDS)}`);
  const line = `${pick(NAMES)}:${pick(VALUES)}|${pick(TYPES)}${fields.join("")}${pick(ENDS)}`;
  if (Math.random() > 0.1) return line;
  const at = Math.floor(Math.random() * line.length);
  return line.slice(0, at) + pick(["", "|", ":", "1", "#"]) + line.slice(at + 1);
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

export function shuffle<T>(list: T[]): void {
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
}
