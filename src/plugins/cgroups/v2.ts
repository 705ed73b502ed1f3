import { parsePressure } from "../kernel/pressure.ts";
import { sound } from "../reading.ts";
import { parseAmount, parseLimit } from "./amount.ts";
import type { Readers } from "./figures.ts";
import { parseIoStat } from "./io-stat.ts";
import { type GroupFiles, keyed, parsed, requiredKey } from "./parsed.ts";
import { readWorkingSet } from "./working-set.ts";

/** The files of cgroup v2. https://docs.kernel.org/admin-guide/cgroup-v2.html */
export const v2: Readers = {
  memory: {
    controller: "memory",
    read: (files, directory) => readWorkingSet(files, directory, "memory.current", "inactive_file"),
  },
  cpu: { controller: undefined, read: readCpu },
  io: { controller: "io", read: (files, directory) => parsed(files, `${directory}/io.stat`, parseIoStat) },
  pids: {
    controller: "pids",
    read: (files, directory) => parsed(files, `${directory}/pids.current`, parseAmount),
  },
  limit: {
    controller: "memory",
    read: (files, directory) => parsed(files, `${directory}/memory.max`, parseLimit),
  },
  oom: { controller: "memory", read: readOomKills },
  psi: { controller: undefined, read: readPressures },
};

/** Microseconds. */
function readCpu(files: GroupFiles, directory: string) {
  const usage = sound(requiredKey(files, `${directory}/cpu.stat`, "usage_usec"));
  return usage === undefined ? undefined : usage / 1e6;
}

function readOomKills(files: GroupFiles, directory: string) {
  return keyed(files, `${directory}/memory.events`, "oom_kill");
}

/** Without the kernel parameter `psi=1` these files exist but cannot be read. */
function readPressures(files: GroupFiles, directory: string) {
  const [cpu, memory, disk] = ["cpu", "memory", "io"].map((resource) =>
    parsed(files, `${directory}/${resource}.pressure`, (text, source, skip) =>
      parsePressure(text, source, 60, skip),
    ),
  );
  const isCounted = cpu !== undefined || memory !== undefined || disk !== undefined;
  return isCounted ? { cpu, memory, io: disk } : undefined;
}
