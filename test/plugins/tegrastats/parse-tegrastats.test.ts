import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseTegrastats, type Tegrastats } from "../../../src/plugins/tegrastats/parse-tegrastats.ts";

/** Lines of real boards; index.json has what a person read in them. */
const LINES = join(import.meta.dir, "..", "..", "fixtures", "tegrastats-lines");
const index: Entry[] = JSON.parse(readFileSync(join(LINES, "index.json"), "utf8"));
const lines = index.map(({ file }) => [file, readFileSync(join(LINES, file), "utf8")] as const);

type Entry = { file: string; expected: Expected };
type Expected = {
  ram_used_mb: number;
  ram_total_mb: number;
  swap_used_mb: number | null;
  swap_total_mb: number | null;
  cpu: ({ percent: number; mhz: number | null } | "off")[];
  gpu_percent: number | null;
  gpu_mhz: number | number[] | null;
  emc_percent: number | null;
  emc_mhz: number | null;
  temps: Record<string, number>;
  power_rails: Record<string, { now_mw: number }>;
};

/** The time stamp, cached swap, engines, averages and peaks of index.json are left out: the parser gives what can be sent. */
function asParsed(expected: Expected): Tegrastats {
  const usage = (used: number | null, total: number | null) =>
    used === null || total === null ? undefined : { used: used * 2 ** 20, total: total * 2 ** 20 };
  const load = (percent: number | null, mhz: number | number[] | null) =>
    percent === null && mhz === null
      ? undefined
      : { ...(percent !== null && { percent }), ...(mhz !== null && { mhz: [mhz].flat() }) };
  const cores = expected.cpu.map((core) => (core === "off" ? core : (load(core.percent, core.mhz) ?? "off")));
  const swap = usage(expected.swap_used_mb, expected.swap_total_mb);
  const gpu = load(expected.gpu_percent, expected.gpu_mhz);
  const emc = load(expected.emc_percent, expected.emc_mhz);
  return {
    ram: { used: expected.ram_used_mb * 2 ** 20, total: expected.ram_total_mb * 2 ** 20 },
    ...(swap && { swap }),
    cores: new Map(cores.entries()),
    ...(gpu && { gpu }),
    ...(emc && { emc }),
    temperatures: new Map(Object.entries(expected.temps)),
    power: new Map(Object.entries(expected.power_rails).map(([rail, { now_mw }]) => [rail, now_mw])),
    unknown: 0,
  };
}

describe("captured lines", () => {
  test("there is a file for every entry and an entry for every file", () => {
    const files = readdirSync(LINES).filter((name) => name.endsWith(".txt"));
    expect(index.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  test.each(index)("$file", ({ file, expected }) => {
    expect(parseTegrastats(readFileSync(join(LINES, file), "utf8"))).toEqual(asParsed(expected));
  });
});

describe("damaged lines", () => {
  test.each(lines)("%s without one of its words loses the field of that word only", (_, line) => {
    const whole = flatten(parseTegrastats(line));
    const words = line.trim().split(" ");
    for (const index of words.keys()) {
      const rest = flatten(parseTegrastats(words.toSpliced(index, 1).join(" ")));
      const changed = [...new Set([...whole.keys(), ...rest.keys()])].filter(
        (key) => whole.get(key) !== rest.get(key),
      );
      expect(new Set(changed.map((key) => key.split("/")[0])).size).toBeLessThanOrEqual(1);
    }
  });

  test.each(lines)("%s cut anywhere says nothing that the whole line does not say", (_, line) => {
    const whole = flatten(parseTegrastats(line));
    for (let length = 0; length <= line.length; length += 1) {
      const start = [...flatten(parseTegrastats(line.slice(0, length)))];
      // `GR3D_FREQ 0%@7` of `0%@76` cannot be told from a whole field.
      expect(start.filter(([key, value]) => !key.endsWith("mhz") && whole.get(key) !== value)).toEqual([]);
    }
  });

  test.each(lines)("%s with any word replaced by garbage counts it and keeps the other fields", (_, line) => {
    const whole = flatten(parseTegrastats(line));
    const words = line.trim().split(" ");
    for (const index of words.keys()) {
      const stats = parseTegrastats(words.toSpliced(index, 1, "?!").join(" "));
      expect(stats.unknown).toBeGreaterThan(0);
      const lost = [...whole].filter(([key, value]) => flatten(stats).get(key) !== value);
      expect(new Set(lost.map(([key]) => key.split("/")[0])).size).toBeLessThanOrEqual(1);
    }
  });

  test("a core that is not understood leaves the numbers of the others as they are", () => {
    const { cores, unknown } = parseTegrastats("CPU [1%@102,what,off,3%@102]");
    expect([...cores]).toEqual([
      [0, { percent: 1, mhz: [102] }],
      [2, "off"],
      [3, { percent: 3, mhz: [102] }],
    ]);
    expect(unknown).toBe(1);
  });
});

describe("any text", () => {
  test("never throws, and every number is finite", () => {
    const pieces = fc.constantFrom(
      ..."RAM SWAP CPU [ ] , % @ / C MB mW ( ) off GR3D_FREQ 0 99999999999 -256 .5".split(" "),
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(pieces, fc.constant(" "))).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(text, (line) => {
        for (const value of flatten(parseTegrastats(line)).values())
          expect(value === "off" || Number.isFinite(value)).toBe(true);
      }),
    );
  });

  test.each([
    ["a number of a thousand digits", `RAM ${"9".repeat(1000)}/3964MB`],
    ["an open bracket", "CPU [1%@102,2%@102"],
    ["64 KiB of brackets", "([".repeat(32 * 1024)],
    ["64 KiB of a name", "A".repeat(64 * 1024)],
    ["64 KiB of blanks", " ".repeat(64 * 1024)],
  ])("%s", (_, line) => {
    expect([...flatten(parseTegrastats(line)).values()].every(Number.isFinite)).toBe(true);
  });

  test("names that objects have of their own are names", () => {
    const { temperatures, power } = parseTegrastats("constructor@20C toString 5/5");
    expect([...temperatures, ...power]).toEqual([
      ["constructor", 20],
      ["toString", 5],
    ]);
  });
});

/** `temperatures.CPU/now` → value; what belongs to one field begins with the same words before the slash. */
function flatten(stats: Tegrastats): Map<string, number | "off"> {
  const flat = new Map<string, number | "off">();
  const put = (field: string, values: object) => {
    for (const [name, value] of Object.entries(values)) flat.set(`${field}/${name}`, value);
  };
  const load = ({ percent, mhz }: { percent?: number; mhz?: number[] } = {}) => ({
    ...(percent !== undefined && { percent }),
    ...Object.fromEntries((mhz ?? []).map((value, index) => [`${index}.mhz`, value])),
  });
  put("ram", stats.ram ?? {});
  put("swap", stats.swap ?? {});
  for (const [core, value] of stats.cores)
    put(
      "cores",
      Object.fromEntries(
        Object.entries(value === "off" ? { off: value } : load(value)).map(([k, v]) => [`${core}.${k}`, v]),
      ),
    );
  put("gpu", load(stats.gpu));
  put("emc", load(stats.emc));
  for (const [zone, celsius] of stats.temperatures) put(`temperatures.${zone}`, { celsius });
  for (const [rail, milliwatts] of stats.power) put(`power.${rail}`, { milliwatts });
  return flat;
}
