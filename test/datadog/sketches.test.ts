import { expect, test } from "bun:test";
import fc from "fast-check";
import { readSketches } from "../../src/datadog/read-sketches.ts";
import { encodeSketches } from "../../src/datadog/sketches.ts";
import type { Sketch } from "../../src/model.ts";

test("a sketch is encoded as Datadog's protobuf has it", () => {
  const sketch: Sketch = {
    metric: "m",
    tags: ["a:b"],
    timestamp: 300,
    count: 3,
    min: -1,
    max: 2,
    sum: 1,
    bins: [
      [-1338, 1],
      [0, 1],
      [1383, 1],
    ],
  };
  const double = (value: number) => [...new Uint8Array(new Float64Array([value]).buffer)];
  const dogsketch = [
    ...[0x08, 0xac, 0x02], // ts: 300
    ...[0x10, 3], // cnt
    ...[0x19, ...double(-1)],
    ...[0x21, ...double(2)],
    ...[0x29, ...double(1 / 3)],
    ...[0x31, ...double(1)],
    // k, zigzag: -1338 is 2675, 0 is 0, 1383 is 2766
    ...[0x3a, 5, 0xf3, 0x14, 0, 0xce, 0x15],
    ...[0x42, 3, 1, 1, 1],
  ];
  const message = [
    ...[0x0a, 1, 0x6d], // metric: m
    ...[0x12, 2, 0x70, 0x69], // host: pi
    ...[0x22, 3, 0x61, 0x3a, 0x62],
    ...[0x3a, dogsketch.length, ...dogsketch],
  ];
  expect([...encodeSketches([sketch], "pi")]).toEqual([0x0a, message.length, ...message]);
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const anySketch = fc.record({
  metric: fc.stringMatching(/^[a-z][a-z.]{0,300}$/),
  tags: fc.constant([]),
  timestamp: fc.integer({ min: 1, max: 2 ** 40 }),
  count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  min: finite,
  max: finite,
  sum: finite,
  bins: fc.array(
    fc.tuple(fc.integer({ min: -32_767, max: 32_767 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    {
      minLength: 1,
    },
  ),
  host: fc.constantFrom("pi", "höst"),
});

test("any sketch is read as it was written", () => {
  fc.assert(
    fc.property(anySketch, (sketch) => {
      expect(readSketches(encodeSketches([sketch], ""))).toEqual([sketch]);
    }),
  );
});

test("sketches of one series share its name and tags", () => {
  const sketch = { metric: "m", tags: ["a"], count: 1, min: 1, max: 1, sum: 1, bins: [[1338, 1] as const] };
  const later = { ...sketch, timestamp: 20 };
  const earlier = { ...sketch, timestamp: 10 };
  const other = { ...later, host: "pi5" };
  const payload = encodeSketches([later, other, earlier], "pi");
  expect(readSketches(payload)).toEqual([{ ...earlier, host: "pi" }, { ...later, host: "pi" }, other]);
});
