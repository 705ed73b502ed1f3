import { expect, test } from "bun:test";
import { parseCgroupMounts } from "../../../src/plugins/cgroups/cgroup-mounts.ts";
import { noSkip, skipping } from "../kernel/skipping.ts";

test("v1 alone: a mount per controller, or for two together", () => {
  const text = [
    "24 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw",
    "32 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:16 - cgroup cgroup rw,cpu,cpuacct",
    "34 25 0:29 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory",
    "",
  ].join("\n");
  const { v1, v2 } = parseCgroupMounts(text, "/proc/1/mountinfo", noSkip);
  expect([v1.get("cpu"), v1.get("cpuacct"), v1.get("memory"), v1.get("pids"), v2]).toEqual([
    "/sys/fs/cgroup/cpu,cpuacct",
    "/sys/fs/cgroup/cpu,cpuacct",
    "/sys/fs/cgroup/memory",
    undefined,
    undefined,
  ]);
});

test("v2 anywhere, with any number of optional fields and a blank in its path", () => {
  const line = "30 24 0:27 / /mnt/my\\040groups rw shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate\n";
  expect(parseCgroupMounts(line, "/proc/1/mountinfo", noSkip)).toEqual({
    v1: new Map(),
    v2: "/mnt/my groups",
  });
});

test("a mount of the root comes before one of a part, and of several roots the first", () => {
  const text = [
    "40 1 0:26 /docker/1 /var/lib/docker/a/sys/fs/cgroup ro - cgroup2 cgroup ro",
    "41 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw",
    "42 1 0:26 / /var/lib/docker/b/sys/fs/cgroup ro - cgroup2 cgroup ro",
  ].join("\n");
  expect(parseCgroupMounts(text, "/proc/1/mountinfo", noSkip).v2).toBe("/sys/fs/cgroup");
});

test("a part is better than nothing", () => {
  const line = "40 1 0:26 /docker/1 /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory";
  expect(parseCgroupMounts(line, "/proc/1/mountinfo", noSkip).v1.get("memory")).toBe("/sys/fs/cgroup/memory");
});

test("a line that cannot be parsed affects no other", () => {
  const text = "30 24 0:27 / /sys/fs/cgroup rw\n31 24 0:27 / /cg rw - cgroup2 cgroup2 rw\n";
  const { value, skipped } = skipping((skip) => parseCgroupMounts(text, "/proc/1/mountinfo", skip));
  expect(value.v2).toBe("/cg");
  expect(skipped).toEqual([["/proc/1/mountinfo", "30 24 0:27 / /sys/fs/cgroup rw"]]);
});
