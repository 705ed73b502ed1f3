import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseStatsSummary, type Summary } from "../../../src/plugins/k8s/stats-summary.ts";

const FIXTURES = join(import.meta.dir, "..", "..", "fixtures", "k8s");
const captures = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, "index.json")));

/** What was read from the capture by other means; null: not there. */
type Entry = {
  node: Record<
    "cpu_nanocores" | "mem_working_set" | "mem_available" | "fs_used" | "net_rx" | "net_tx",
    number | null
  > & {
    name: string;
  };
  pods: number;
  pods_without_network: number;
  sample_pods: {
    namespace: string;
    name: string;
    cpu_nanocores: number | null;
    mem_working_set: number | null;
    net_rx: number | null;
    containers: { cpu_nanocores: number | null; mem_working_set: number | null }[];
  }[];
};

test("there are captures", () => {
  expect(captures.length).toBe(6);
});

describe.each(captures)("%s", (name) => {
  const { expected }: { expected: Entry } = read(name, "index.json");
  const { node, pods } = parseStatsSummary(read(name, "http/summary.json")) as Summary;

  test("the node", () => {
    expect({
      name: node.name,
      cpu_nanocores: node.cpu.usageNanoCores ?? null,
      mem_working_set: node.memory.workingSetBytes ?? null,
      mem_available: node.memory.availableBytes ?? null,
      fs_used: node.fs.usedBytes ?? null,
      net_rx: node.network.rxBytes ?? null,
      net_tx: node.network.txBytes ?? null,
    }).toEqual({
      name: expected.node.name,
      cpu_nanocores: expected.node.cpu_nanocores,
      mem_working_set: expected.node.mem_working_set,
      mem_available: expected.node.mem_available,
      fs_used: expected.node.fs_used,
      net_rx: expected.node.net_rx,
      net_tx: expected.node.net_tx,
    });
  });

  test("its pods, those without figures of their own as the sum of their containers", () => {
    expect(pods.length).toBe(expected.pods);
    expect(pods.filter(({ network }) => network.rxBytes === undefined).length).toBe(
      expected.pods_without_network,
    );
    for (const sample of expected.sample_pods) {
      const pod = pods.find((one) => one.name === sample.name && one.namespace === sample.namespace);
      expect({
        cpu: pod?.cpu.usageNanoCores ?? null,
        memory: pod?.memory.workingSetBytes ?? null,
        rx: pod?.network.rxBytes ?? null,
      }).toEqual({
        cpu: sample.cpu_nanocores ?? sum(sample.containers.map((container) => container.cpu_nanocores)),
        memory:
          sample.mem_working_set ?? sum(sample.containers.map((container) => container.mem_working_set)),
        rx: sample.net_rx,
      });
    }
  });
});

function read(name: string, file: string) {
  return JSON.parse(readFileSync(join(FIXTURES, name, file), "utf8"));
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

test.each([
  { body: undefined },
  { body: null },
  { body: 1 },
  { body: "Unauthorized" },
  { body: [] },
  { body: {} },
  { body: { pods: {} } },
  { body: { kind: "Status", code: 403 } },
])("$body is not a summary", ({ body }) => {
  expect(parseStatsSummary(body)).toBeUndefined();
});

const NO_USAGE = {
  cpu: { usageNanoCores: undefined, usageCoreNanoSeconds: undefined },
  memory: {
    rssBytes: undefined,
    usageBytes: undefined,
    availableBytes: undefined,
    workingSetBytes: undefined,
  },
  network: { rxBytes: undefined, txBytes: undefined },
};
const NO_FS = { availableBytes: undefined, usedBytes: undefined, inodesFree: undefined };

test.each([
  { node: {} },
  { node: null },
  { node: { cpu: 1, memory: "x", network: [], fs: null, nodeName: 3 } },
  { pods: [] },
])("sections may be missing: %j", (body) => {
  expect(parseStatsSummary(body)).toEqual({ node: { name: "", fs: NO_FS, ...NO_USAGE }, pods: [] });
});

test("pods without a name or namespace are left out, the others stay", () => {
  const pods = [
    null,
    {},
    { podRef: { name: "a" } },
    { podRef: { name: "", namespace: "b" } },
    { podRef: { name: 1, namespace: "b" } },
    {
      podRef: { name: "web-0", namespace: "default" },
      cpu: { usageNanoCores: 0 },
      memory: { rssBytes: "12" },
    },
  ];
  expect(parseStatsSummary({ pods })?.pods).toEqual([
    {
      ...NO_USAGE,
      namespace: "default",
      name: "web-0",
      cpu: { usageNanoCores: 0, usageCoreNanoSeconds: undefined },
    },
  ]);
});

test("a pod's own figures win over its containers'", () => {
  const containers = [{ cpu: { usageNanoCores: 5 } }, { cpu: { usageNanoCores: 6 } }];
  const podRef = { name: "web-0", namespace: "default" };
  const usage = (pod: object) =>
    parseStatsSummary({ pods: [{ podRef, ...pod }] })?.pods[0]?.cpu.usageNanoCores;
  expect(usage({ containers, cpu: { usageNanoCores: 12 } })).toBe(12);
  expect(usage({ containers })).toBe(11);
  expect(usage({ containers: [{}, { cpu: null }] })).toBeUndefined();
});

describe("a pod that is listed twice", () => {
  const pod = (uid: string, rest: object) => ({ podRef: { name: "web-0", namespace: "d", uid }, ...rest });
  const cores = (...pods: object[]) => parseStatsSummary({ pods })?.pods.map(({ cpu }) => cpu.usageNanoCores);
  const busy = { cpu: { usageNanoCores: 50_000_000 } };
  const dead = { cpu: { usageNanoCores: 0 } };
  const early = { startTime: "2026-01-01T00:00:00Z" };
  const late = { startTime: "2026-01-02T00:00:00Z" };

  test("counts once, with the figures of the one that was started later", () => {
    expect(cores(pod("a", { ...busy, ...early }), pod("b", { ...dead, ...late }))).toEqual([0]);
    expect(cores(pod("b", { ...dead, ...late }), pod("a", { ...busy, ...early }))).toEqual([0]);
  });

  test("counts with the one that has figures where no start is known, whatever the order", () => {
    expect(cores(pod("new", busy), pod("old", dead))).toEqual([50_000_000]);
    expect(cores(pod("old", dead), pod("new", busy))).toEqual([50_000_000]);
    expect(cores(pod("old", {}), pod("new", { ...busy, ...early }))).toEqual([50_000_000]);
    expect(cores(pod("old", { ...dead, ...early }), pod("new", { ...busy, ...early }))).toEqual([50_000_000]);
  });

  test("is not one of another namespace", () => {
    const other = { podRef: { name: "web-0", namespace: "e" }, ...dead };
    expect(cores(pod("a", busy), other)).toEqual([50_000_000, 0]);
  });
});

test("whatever the JSON, it does not throw and gives no number that is not finite and ≥ 0", () => {
  const any = fc.oneof(fc.jsonValue(), fc.double(), fc.nat());
  const usage = fc.dictionary(fc.constantFrom("usageNanoCores", "rssBytes", "rxBytes", "inodesFree"), any);
  const part = { cpu: fc.oneof(usage, any), memory: fc.oneof(usage, any), network: usage, fs: usage };
  const pod = fc.record(
    { podRef: fc.record({ name: any, namespace: any }), containers: fc.array(fc.record(part)), ...part },
    { requiredKeys: [] },
  );
  const summary = fc.record({ node: fc.oneof(fc.record(part), any), pods: fc.oneof(fc.array(pod), any) });
  fc.assert(
    fc.property(fc.oneof(summary, fc.anything({ maxDepth: 4 })), (body) => {
      for (const value of numbersIn(parseStatsSummary(body))) {
        expect(value).toBeFinite();
        expect(value).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
