import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseAmount, parseLimit } from "../../../src/plugins/cgroups/amount.ts";
import type { Metric, Readers } from "../../../src/plugins/cgroups/figures.ts";
import { identify } from "../../../src/plugins/cgroups/identity.ts";
import { keyed, parsed } from "../../../src/plugins/cgroups/parsed.ts";
import { findMounts } from "../../../src/plugins/cgroups/sources.ts";
import { totalBytes } from "../../../src/plugins/cgroups/stacked-devices.ts";
import { v1 } from "../../../src/plugins/cgroups/v1.ts";
import { v2 } from "../../../src/plugins/cgroups/v2.ts";
import { fixtureIo } from "../../helpers/fixture-io.ts";
import { noSkip } from "../kernel/skipping.ts";
import captures from "./captures.json";

/** Real trees, copied into the plugin's fixtures, against what was read in them by hand; null: not there, or no limit. */
test.each(captures)("$source: $kind", async ({ case: folder, version, cgroup, expected }) => {
  const { io, use } = fixtureIo(join(import.meta.dir, "../../fixtures/cgroups", folder));
  const mounts = await findMounts(io, false, noSkip);
  const directory = (controller: string) =>
    `${version === 1 ? mounts.v1.get(controller) : mounts.v2}/${cgroup}`;
  const files = { readTextSync: io.readTextSync, skip: noSkip };
  const readers: Readers = version === 1 ? v1 : v2;
  const figure = <M extends Metric>(metric: M) =>
    readers[metric]?.read(files, directory(readers[metric]?.controller ?? ""));
  const stat = (controller: string, file: string, key: string) =>
    keyed(files, `${directory(controller)}/${file}`, key);
  const amount = (controller: string, file: string) =>
    parsed(files, `${directory(controller)}/${file}`, parseAmount);
  const bytes = () => {
    const devices = figure("io");
    return devices && totalBytes(devices, new Set());
  };
  const scaledCpu = (scale: number) => Math.round((figure("cpu") ?? Number.NaN) * scale);

  const facts: Record<string, () => unknown> = {
    container_id: () => {
      const identity = identify(cgroup);
      return identity?.kind === "container" ? identity.id : undefined;
    },
    cpu_usage_ns: () => scaledCpu(1e9),
    cpu_usage_usec: () => scaledCpu(1e6),
    cpu_user_usec: () => stat("cpu", "cpu.stat", "user_usec"),
    cpu_system_usec: () => stat("cpu", "cpu.stat", "system_usec"),
    throttled_periods: () => stat("cpu", "cpu.stat", "nr_throttled"),
    memory_usage: () => amount("memory", version === 1 ? "memory.usage_in_bytes" : "memory.current"),
    memory_max_usage: () => amount("memory", "memory.max_usage_in_bytes"),
    memory_peak: () => amount("memory", "memory.peak"),
    memory_limit: () => figure("limit"),
    swap_usage: () => amount("memory", "memory.swap.current"),
    swap_limit: () => parsed(files, `${directory("memory")}/memory.swap.max`, parseLimit),
    rss: () => stat("memory", "memory.stat", "rss"),
    cache: () => stat("memory", "memory.stat", "cache"),
    swap: () => stat("memory", "memory.stat", "swap"),
    pids_current: () => figure("pids"),
    pids_limit: () => parsed(files, `${directory("pids")}/pids.max`, parseLimit),
    blkio_read: () => bytes()?.read,
    blkio_write: () => bytes()?.write,
    io_read: () => bytes()?.read,
    io_write: () => bytes()?.write,
    devices: () => Object.fromEntries(figure("io") ?? []),
  };
  const found: Record<string, unknown> = {};
  for (const key of Object.keys(expected)) {
    // Forgets what was read before: a second reading may be another one.
    use(0);
    found[key] = facts[key]?.() ?? null;
  }
  expect(found).toEqual(expected);
});
