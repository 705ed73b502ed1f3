import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type ContainerStats, parseContainerStats } from "../../../src/plugins/docker/container-stats.ts";

const CAPTURES = join(import.meta.dir, "..", "..", "fixtures", "docker", "captures");
const index: Entry[] = JSON.parse(readFileSync(join(CAPTURES, "index.json"), "utf8"));
const published = index.filter(({ file }) => file.startsWith("stats-"));

type Entry = { file: string; expected: Record<string, number | null> };

test.each(published)("$file", ({ file, expected }) => {
  const stats = parseContainerStats(JSON.parse(readFileSync(join(CAPTURES, "http", file), "utf8")));
  const { online_cpus, mem_limit, pids, ...read } = expected;
  expect(asIndexed(stats)).toEqual(read);
});

/** In the words of index.json, percent to its six decimals. */
function asIndexed({ cpuTotal, cpuPercentage, memory, network, io }: ContainerStats): Entry["expected"] {
  return {
    cpu_total_ns: cpuTotal ?? null,
    cpu_percent: cpuPercentage === undefined ? null : Number(cpuPercentage.toFixed(6)),
    mem_usage: memory?.usage ?? null,
    mem_used_minus_cache: memory?.withoutCache ?? null,
    net_rx: network?.rx ?? null,
    net_tx: network?.tx ?? null,
    io_read: io?.read ?? null,
    io_write: io?.write ?? null,
  };
}

const IMPOSSIBLE = { usage: undefined, withoutCache: undefined };

const NOTHING: ContainerStats = {
  running: true,
  cpuTotal: undefined,
  cpuPercentage: undefined,
  memory: undefined,
  network: undefined,
  io: undefined,
};

test.each([
  { body: undefined },
  { body: null },
  { body: 1 },
  { body: "text" },
  { body: [] },
  { body: [{ read: "2026-11-22T14:28:00Z" }] },
  { body: {} },
  { body: { cpu_stats: null, memory_stats: [], networks: 3, blkio_stats: "x" } },
])("$body gives no points", ({ body }) => {
  expect(parseContainerStats(body)).toEqual(NOTHING);
});

test.each([
  ["a container that does not run", { read: "0001-01-01T00:00:00Z" }, { running: false }],
  ["numbers as text", { cpu_stats: { cpu_usage: { total_usage: "12" } }, memory_stats: { usage: "5" } }, {}],
  [
    "what no counter holds",
    { cpu_stats: { cpu_usage: { total_usage: 0.5 } }, memory_stats: { usage: 1e300 } },
    { memory: IMPOSSIBLE },
  ],
  [
    "negative numbers",
    { cpu_stats: { cpu_usage: { total_usage: -1 } }, memory_stats: { usage: -5 } },
    { memory: IMPOSSIBLE },
  ],
  ["zero is a value", { memory_stats: { usage: 0 } }, { memory: { usage: 0, withoutCache: 0 } }],
  [
    "v1's total before v1's own",
    { memory_stats: { usage: 100, stats: { total_inactive_file: 30, inactive_file: 20 } } },
    { memory: { usage: 100, withoutCache: 70 } },
  ],
  [
    "usage of 2^64 - 1, which JSON reads as 2^64",
    { memory_stats: { usage: 2 ** 64, stats: { total_inactive_file: 4096 } } },
    { memory: IMPOSSIBLE },
  ],
  [
    "cache of 2^64 - 1",
    { memory_stats: { usage: 100, stats: { total_inactive_file: 2 ** 64 } } },
    { memory: { usage: 100, withoutCache: undefined } },
  ],
  [
    "more cache than usage is not subtracted",
    { memory_stats: { usage: 100, stats: { inactive_file: 100 } } },
    { memory: { usage: 100, withoutCache: 100 } },
  ],
  [
    "several interfaces, one of them odd",
    { networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10 }, eth2: null } },
    { network: { rx: 11, tx: 2 } },
  ],
  [
    "an interface with a counter at 2^64",
    { networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 2 ** 64, tx_bytes: 3 } } },
    { network: { rx: undefined, tx: 5 } },
  ],
  ["no interface", { networks: {} }, {}],
  [
    "reads and writes in either case",
    {
      blkio_stats: {
        io_service_bytes_recursive: [{ op: "READ", value: 3 }, { op: "write", value: 4 }, null],
      },
    },
    { io: { read: 3, write: 4 } },
  ],
  ["other operations only", { blkio_stats: { io_service_bytes_recursive: [{ op: "Total", value: 3 }] } }, {}],
])("%s", (_case, body, expected) => {
  expect(parseContainerStats(body)).toEqual({ ...NOTHING, ...expected });
});

test.each([
  ["two of four cores", { total: 2e9, system: 8e9, online: 4 }, 100],
  ["nothing passed", { total: 2e9, system: 0, online: 4 }, undefined],
  ["the counter went back", { total: -1, system: 8e9, online: 4 }, undefined],
  ["cores unknown", { total: 2e9, system: 8e9, online: 0 }, undefined],
])("percent of one core: %s", (_case, { total, system, online }, expected) => {
  const body = {
    cpu_stats: {
      cpu_usage: { total_usage: 5e9 + total },
      system_cpu_usage: 9e9 + system,
      online_cpus: online,
    },
    precpu_stats: { cpu_usage: { total_usage: 5e9 }, system_cpu_usage: 9e9 },
  };
  expect(parseContainerStats(body).cpuPercentage).toEqual(expected as number);
});

test("whatever the JSON, it does not throw and gives no number that is not finite and ≥ 0", () => {
  fc.assert(
    fc.property(fc.anything({ maxDepth: 4 }), statsLike(), (anything, stats) => {
      for (const body of [anything, stats])
        for (const value of numbersIn(parseContainerStats(body))) {
          expect(value).toBeFinite();
          expect(value).toBeGreaterThanOrEqual(0);
        }
    }),
  );
});

/** Bodies with the right names and any values. */
function statsLike(): fc.Arbitrary<unknown> {
  const any = fc.oneof(fc.jsonValue(), fc.double(), fc.nat());
  const cpu = fc.record({
    cpu_usage: fc.record({ total_usage: any, percpu_usage: any }),
    system_cpu_usage: any,
    online_cpus: any,
  });
  const entry = fc.record({ op: fc.constantFrom("Read", "write", 1), value: any });
  return fc.record(
    {
      read: any,
      cpu_stats: fc.oneof(cpu, any),
      precpu_stats: fc.oneof(cpu, any),
      memory_stats: fc.record({
        usage: any,
        stats: fc.record({ inactive_file: any, total_inactive_file: any }),
      }),
      networks: fc.dictionary(fc.string(), fc.record({ rx_bytes: any, tx_bytes: any })),
      blkio_stats: fc.record({ io_service_bytes_recursive: fc.array(fc.oneof(entry, any)) }),
    },
    { requiredKeys: [] },
  );
}

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
