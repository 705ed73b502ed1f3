/** The values of a line of tegrastats. A section that is not in the line is missing here, never 0. */
export type Tegrastats = {
  /** Bytes. */
  ram?: Usage;
  swap?: Usage;
  /** Cores by CPU number, the index in the list; a core that is off has no load. */
  cores: Map<number, Load | "off">;
  gpu?: Load;
  /** The memory controller. */
  emc?: Load;
  /** °C by zone, as printed: −256 of a sleeping zone and the constant of the PMIC included. */
  temperatures: Map<string, number>;
  /** mW by rail, at this moment. */
  power: Map<string, number>;
  /** Fields that were not understood. */
  unknown: number;
};

export type Usage = { used: number; total: number };

/** Either half may be missing; one frequency per GPU cluster (GPC), MHz. */
export type Load = { percent?: number; mhz?: number[] };

/**
 * Reads a line of tegrastats, of any Jetson from TK1 to Thor, L4T R21 to R39, root or not. What a field means is decided by
 * the form of its value, because names are reused: `CPU [2%@1190,off]` are cores, `CPU@37.5C` is a zone, `CPU 311/311` a rail.
 * A field that is not understood is counted and costs nothing else. Format: "tegrastats Utility" in NVIDIA's Jetson Linux
 * Developer Guide. One of R35:
 *
 *     04-24-2023 00:01:24 RAM 1282/62795MB (lfb 15152x4MB) SWAP 0/31398MB (cached 0MB) CPU [0%@729,off] EMC_FREQ 0%@2133
 *     GR3D_FREQ 0%@[0,0] VIC_FREQ 729 APE 174 CV0@-256C CPU@42.593C VDD_GPU_SOC 2399mW/2399mW
 */
export function parseTegrastats(line: string): Tegrastats {
  const stats: Tegrastats = { cores: new Map(), temperatures: new Map(), power: new Map(), unknown: 0 };
  const text = line.trim().replace(/\s+/g, " ");
  let position = 0;
  while (position < text.length) {
    const length = takeField(text, position, stats);
    if (length === 0) stats.unknown += 1;
    const end = length === 0 ? text.indexOf(" ", position) : position + length;
    position = end === -1 ? text.length : end + 1;
  }
  return stats;
}

/** Length of the field that begins at `position`, now in `stats`; 0 when none of the known ones begins there. */
function takeField(text: string, position: number, stats: Tegrastats): number {
  for (const { pattern, take } of FIELDS) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) continue;
    take?.(stats, match);
    return match[0].length;
  }
  return 0;
}

type Field = { pattern: RegExp; take?: (stats: Tegrastats, match: RegExpExecArray) => void };

/** A field begins where the one before ended and ends at a blank or with the line. */
function field(pattern: RegExp, take?: Field["take"]): Field {
  const anchored = new RegExp(`(?:${pattern.source})(?= |$)`, `y${pattern.flags}`);
  return take === undefined ? { pattern: anchored } : { pattern: anchored, take };
}

// Numbers have a largest number of digits, so that no text becomes Infinity. LOAD: `0%@318`, `0%`, `@[314,314,314]`.
// A frequency that cannot be read is -1.
const MHZ = String.raw`-?\d{1,5}|\[-?\d{1,5}(?:,-?\d{1,5}){0,15}\]`;
const LOAD = String.raw`(?=[\d@])(?:(\d{1,3})%)?(?:@(${MHZ}))?`;
const CELSIUS = String.raw`(-?\d{1,9}(?:\.\d{1,6})?)C`;
const NAME = "[A-Za-z][A-Za-z0-9_.-]{0,63}";

const FIELDS: readonly Field[] = [
  // lfb: largest free block.
  field(/RAM (\d{1,9})\/(\d{1,9})MB(?: \(lfb \d+x\d+[kM]B\))?/, (stats, match) => {
    stats.ram = usage(match);
  }),
  field(/SWAP (\d{1,9})\/(\d{1,9})MB(?: \(cached \d+MB\))?/, (stats, match) => {
    stats.swap = usage(match);
  }),
  // TK1 and TX1 with R28: `cpu [25%,7%,1%,1%]@2218`, one frequency for all.
  field(/CPU \[([^\] ]*)\](?:@(-?\d{1,5}))?/i, takeCores),
  // Thor without root knows the frequency alone: `GR3D_FREQ @[314,314,314]`. No `_FREQ` before R32.
  field(new RegExp(`GR3D(?:_FREQ)? ${LOAD}`), (stats, [, percent, mhz]) => {
    stats.gpu = load(percent, mhz);
  }),
  field(new RegExp(`EMC(?:_FREQ)? ${LOAD}`), (stats, [, percent, mhz]) => {
    stats.emc = load(percent, mhz);
  }),
  // R39 appends the peak since tegrastats was started: `cpu@52.968C/52.968C`.
  field(new RegExp(`(${NAME})@${CELSIUS}(?:/${CELSIUS})?`), (stats, [, zone = "", celsius]) => {
    stats.temperatures.set(zone, Number(celsius));
  }),
  // Now, then average and peak since tegrastats was started, a time that says nothing here: `VDD_IN 2532/2698`,
  // `VDD_IN 4915mW/4915mW`, R39 `VDD_GPU_SOC 5139mW/5139mW/5139mW`. Without a unit it is mW too; a broken `RAM 714/18` is not.
  // Power that flows back is negative: `VDD_CPU_CV -398mW/-398mW`.
  field(
    new RegExp(`(?!I?RAM |SWAP )(${NAME}) (-?\\d{1,9})(?:mW)?/-?\\d+(?:mW)?(?:/-?\\d+(?:mW)?)?`),
    (stats, [, rail = "", now]) => {
      stats.power.set(rail, Number(now));
    },
  ),

  // Known, and nothing that is sent: the board's local time, internal memory, background load, limits, and engines
  // (`APE 174`, `NVENC 78%@166`, `NVDLA0_FREQ @1600`, `VIC off`).
  field(/\d\d-\d\d-\d{4} \d\d:\d\d:\d\d/),
  field(/IRAM \d+\/\d+kB ?\(lfb \d+kB\)/),
  field(/MTS fg \d+% bg \d+%/),
  field(/EDP limit \d+/),
  field(new RegExp(`[A-Z][A-Z0-9_]{0,31} (?:off|\\d{1,5}|${LOAD})`)),
];

/** "MB" of tegrastats is MiB: its total is MemTotal of /proc/meminfo divided by 1024 twice. */
function usage([, used, total]: RegExpExecArray): Usage {
  return { used: Number(used) * 1024 * 1024, total: Number(total) * 1024 * 1024 };
}

function load(percent: string | undefined, mhz: string | undefined): Load {
  const known = (mhz ?? "").split(/[[\],]/).filter((each) => /^\d/.test(each));
  return {
    ...(percent !== undefined && { percent: Number(percent) }),
    ...(known.length > 0 && { mhz: known.map(Number) }),
  };
}

/** `2%@1190,0%@1190,off`; an entry that is not understood leaves a gap, so that the others keep their numbers. */
function takeCores(stats: Tegrastats, [, list = "", common]: RegExpExecArray): void {
  for (const [number, text] of list.split(",").entries()) {
    const match = /^(\d{1,3})%(?:@(-?\d{1,5}))?$/.exec(text);
    if (text === "off") stats.cores.set(number, "off");
    else if (match === null) stats.unknown += 1;
    else stats.cores.set(number, load(match[1], match[2] ?? common));
  }
}
