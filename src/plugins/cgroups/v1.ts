import { parseAmount, parseLimit } from "./amount.ts";
import { parseBlkio } from "./blkio.ts";
import type { Readers } from "./figures.ts";
import { type GroupFiles, keyed, parsed } from "./parsed.ts";
import { readWorkingSet } from "./working-set.ts";

/** The files of cgroup v1, each in the hierarchy of its controller. https://docs.kernel.org/admin-guide/cgroup-v1/ */
export const v1: Readers = {
  memory: {
    controller: "memory",
    // `inactive_file` is the group's own, `total_inactive_file` counts the groups below too, as the usage does.
    read: (files, directory) =>
      readWorkingSet(files, directory, "memory.usage_in_bytes", "total_inactive_file"),
  },
  cpu: { controller: "cpuacct", read: readCpu },
  io: { controller: "blkio", read: readIo },
  pids: {
    controller: "pids",
    read: (files, directory) => parsed(files, `${directory}/pids.current`, parseAmount),
  },
  limit: {
    controller: "memory",
    read: (files, directory) => parsed(files, `${directory}/memory.limit_in_bytes`, parseLimit),
  },
  oom: { controller: "memory", read: readOomKills },
};

/** Nanoseconds. */
function readCpu(files: GroupFiles, directory: string) {
  const usage = parsed(files, `${directory}/cpuacct.usage`, parseAmount);
  return usage === undefined ? undefined : usage / 1e9;
}

/** Linux 5.2 and later also count what the groups below did. */
function readIo(files: GroupFiles, directory: string) {
  const file = `${directory}/blkio.throttle.io_service_bytes`;
  return parsed(files, `${file}_recursive`, parseBlkio) ?? parsed(files, file, parseBlkio);
}

/** The line `oom_kill` is there since Linux 4.13. */
function readOomKills(files: GroupFiles, directory: string) {
  return keyed(files, `${directory}/memory.oom_control`, "oom_kill");
}
