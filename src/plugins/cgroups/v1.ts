import type { Io } from "../plugin.ts";
import { parseAmount, parseLimit } from "./amount.ts";
import { parseBlkio } from "./blkio.ts";
import type { Readers } from "./figures.ts";
import { parseFlatKeyed } from "./flat-keyed.ts";
import { parsed } from "./parsed.ts";
import { readWorkingSet } from "./working-set.ts";

/** The files of cgroup v1, each in the hierarchy of its controller. https://docs.kernel.org/admin-guide/cgroup-v1/ */
export const v1: Readers = {
  memory: {
    controller: "memory",
    // `inactive_file` is the group's own, `total_inactive_file` counts the groups below too, as the usage does.
    read: (io, directory) => readWorkingSet(io, directory, "memory.usage_in_bytes", "total_inactive_file"),
  },
  cpu: { controller: "cpuacct", read: readCpu },
  io: { controller: "blkio", read: readIo },
  pids: { controller: "pids", read: (io, directory) => parsed(io, `${directory}/pids.current`, parseAmount) },
  limit: {
    controller: "memory",
    read: (io, directory) => parsed(io, `${directory}/memory.limit_in_bytes`, parseLimit),
  },
  oom: { controller: "memory", read: readOomKills },
};

/** Nanoseconds. */
async function readCpu(io: Io, directory: string) {
  const usage = await parsed(io, `${directory}/cpuacct.usage`, parseAmount);
  return usage === undefined ? undefined : usage / 1e9;
}

/** Linux 5.2 and later also count what the groups below did. */
async function readIo(io: Io, directory: string) {
  const file = `${directory}/blkio.throttle.io_service_bytes`;
  return (await parsed(io, `${file}_recursive`, parseBlkio)) ?? (await parsed(io, file, parseBlkio));
}

/** The line `oom_kill` is there since Linux 4.13. */
async function readOomKills(io: Io, directory: string) {
  return (await parsed(io, `${directory}/memory.oom_control`, parseFlatKeyed))?.get("oom_kill");
}
