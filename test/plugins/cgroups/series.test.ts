import { expect, test } from "bun:test";
import fc from "fast-check";
import { largest, type Series, toPoints, valuesOf } from "../../../src/plugins/cgroups/series.ts";

const series = (tag: string, values: Record<string, number>): Series => ({
  tags: [tag],
  values: new Map(Object.entries(values)),
});

test("has a series for each value that exists, also for zero", () => {
  const figures = {
    memory: 0,
    io: new Map([
      ["8:0", { read: 1, write: 2 }],
      ["253:0", { read: 3, write: 4 }],
    ]),
    psi: { cpu: 0.5, memory: undefined, io: 0 },
  };
  expect(Object.fromEntries(valuesOf(figures, undefined, new Set(["253:0"])))).toEqual({
    "memory.working_set": 0,
    "io.read": 1,
    "io.write": 2,
    "psi.cpu": 0.5,
    "psi.io": 0,
  });
});

test("the bytes of stacked devices count when there is no other", () => {
  const figures = { io: new Map([["253:0", { read: 3, write: 4 }]]) };
  expect(valuesOf(figures, 12, new Set(["253:0"]))).toEqual(
    new Map([
      ["cpu.percentage", 12],
      ["io.read", 3],
      ["io.write", 4],
    ]),
  );
});

test("the largest keep their series, the rest is summed without limits and pressures", () => {
  const all = [
    series("unit:small", { "memory.working_set": 1, "cpu.percentage": 5, "memory.limit": 9, "psi.cpu": 1 }),
    series("unit:large", { "memory.working_set": 3, "memory.limit": 9 }),
    series("unit:middle", { "memory.working_set": 2, pids: 4, "psi.io": 1 }),
  ];
  expect(largest(all, 1)).toEqual([
    series("unit:large", { "memory.working_set": 3, "memory.limit": 9 }),
    series("group:other", { "memory.working_set": 3, pids: 4, "cpu.percentage": 5 }),
  ]);
  expect(largest(all, 3).map(({ tags }) => tags)).toEqual([["unit:large"], ["unit:middle"], ["unit:small"]]);
});

test("without memory the busiest come first", () => {
  const all = [series("unit:a", { "cpu.percentage": 1 }), series("unit:b", { "cpu.percentage": 2 })];
  expect(largest(all, 1)).toEqual([
    series("unit:b", { "cpu.percentage": 2 }),
    series("group:other", { "cpu.percentage": 1 }),
  ]);
});

test("groups with the same tags are one series", () => {
  const twice = [
    series("container:web", { "memory.working_set": 1, "memory.limit": 9 }),
    series("container:web", { "memory.working_set": 2, "memory.limit": 9 }),
  ];
  expect(largest(twice, 5)).toEqual([series("container:web", { "memory.working_set": 3 })]);
});

test("however many fit, no memory gets lost and no series comes twice", () => {
  const one = fc
    .tuple(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.nat(1000))
    .map(([name, memory]) => series(`unit:${name}`, { "memory.working_set": memory }));
  const total = (all: readonly Series[]) =>
    all.reduce((sum, { values }) => sum + (values.get("memory.working_set") ?? 0), 0);
  fc.assert(
    fc.property(fc.array(one), fc.integer({ min: 1, max: 8 }), (all, max) => {
      const kept = largest(all, max);
      expect(total(kept)).toBe(total(all));
      expect(kept.length).toBeLessThanOrEqual(max + 1);
      expect(new Set(kept.map(({ tags }) => tags.join())).size).toBe(kept.length);
    }),
  );
});

test("points are gauges of the second with two decimals at most", () => {
  expect(toPoints([series("unit:a", { "cpu.percentage": 20.000000000001155 })], 1_700_000_000.25)).toEqual([
    {
      metric: "Chouette.cgroups.cpu.percentage",
      value: 20,
      timestamp: 1_700_000_000,
      tags: ["unit:a"],
      type: "gauge",
    },
  ]);
});
