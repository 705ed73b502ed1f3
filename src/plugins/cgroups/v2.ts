import { ParseError } from "../../errors.ts";
import type { Io } from "../plugin.ts";
import { parseAmount, parseLimit } from "./amount.ts";
import type { Readers } from "./figures.ts";
import { parseFlatKeyed } from "./flat-keyed.ts";
import { parseIoStat } from "./io-stat.ts";
import { parsed } from "./parsed.ts";
import { parsePressure } from "./pressure.ts";
import { readWorkingSet } from "./working-set.ts";

/** The files of cgroup v2. https://docs.kernel.org/admin-guide/cgroup-v2.html */
export const v2: Readers = {
  memory: {
    controller: "memory",
    read: (io, directory) => readWorkingSet(io, directory, "memory.current", "inactive_file"),
  },
  cpu: { controller: undefined, read: readCpu },
  io: { controller: "io", read: (io, directory) => parsed(io, `${directory}/io.stat`, parseIoStat) },
  pids: { controller: "pids", read: (io, directory) => parsed(io, `${directory}/pids.current`, parseAmount) },
  limit: { controller: "memory", read: (io, directory) => parsed(io, `${directory}/memory.max`, parseLimit) },
  oom: { controller: "memory", read: readOomKills },
  psi: { controller: undefined, read: readPressures },
};

/** Microseconds. */
async function readCpu(io: Io, directory: string) {
  const file = `${directory}/cpu.stat`;
  const stat = await parsed(io, file, parseFlatKeyed);
  if (stat === undefined) return undefined;
  const usage = stat.get("usage_usec");
  if (usage === undefined) throw new ParseError(file, "(no line usage_usec)");
  return usage / 1e6;
}

async function readOomKills(io: Io, directory: string) {
  return (await parsed(io, `${directory}/memory.events`, parseFlatKeyed))?.get("oom_kill");
}

/** Where the kernel was started without `psi=1` the files are there and none can be read. */
async function readPressures(io: Io, directory: string) {
  const [cpu, memory, disk] = await Promise.all(
    ["cpu", "memory", "io"].map((resource) => parsed(io, `${directory}/${resource}.pressure`, parsePressure)),
  );
  const isCounted = cpu !== undefined || memory !== undefined || disk !== undefined;
  return isCounted ? { cpu, memory, io: disk } : undefined;
}
