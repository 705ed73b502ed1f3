import { join } from "node:path";
import { type Flood, flood, type Runtime, runtimes } from "./dogstatsd-flood.ts";
import { measurePeers } from "./dogstatsd-peers.ts";
import { measureUnix } from "./dogstatsd-unix.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";
import { measureRedisProtocol } from "./redis-protocol.ts";

/**
 * What it costs to receive DogStatsD, in Bun and in Node.js, each beside a process that only reads the same packets, other servers of
 * StatsD, and redis-server.
 */
const measurements: Measurement[] = [];
/** Microseconds. */
const perPackets: Partial<Record<Runtime["name"], number>> = {};
for (const runtime of await runtimes(join(import.meta.dir, "dogstatsd-child.ts"))) {
  const pair = async (options: Flood) => ({
    bare: await flood(runtime, "bare", options),
    ours: await flood(runtime, "chouette", options),
  });
  const { name } = runtime;

  const rates = [50_000, 100_000, 150_000, 200_000, 250_000];
  const [most, mostBare] = [
    await lossless(runtime, "chouette", rates),
    await lossless(runtime, "bare", rates),
  ];
  add(`${name}: UDP packets/s without loss`, most, mostBare, "", { Bun: ">= 0.80", Node: ">= 0.65" }, name);

  const saturated = await pair({ rate: 0, seconds: 3, lines: 1 });
  add(
    `${name}: CPU per packet, saturated`,
    saturated.ours.perPacket,
    saturated.bare.perPacket,
    "µs",
    { Bun: "<= 1.3", Node: "<= 1.5" },
    name,
  );

  perPackets[name] = saturated.ours.perPacket;
  const packed = await pair({ rate: 0, seconds: 3, lines: 25 });
  add(
    `${name}: CPU per line, 25 lines a packet`,
    packed.ours.perPacket / 25,
    packed.bare.perPacket / 25,
    "µs",
    { Bun: "<= 1.6", Node: "<= 1.8" },
    name,
  );

  if (process.getuid?.() === 0) {
    const { lost, idle } = await measureUnix(runtime);
    for (const [what, share, aim] of [
      ["packets lost of 20,000/s to the unix datagram socket", lost, { Bun: "<= 1 %", Node: "<= 3 %" }],
      ["CPU while that waits", idle, { Bun: "<= 1 %", Node: "<= 1.5 %" }],
    ] as const)
      measurements.push({
        what: `${name}: ${what}`,
        chouette: `${(100 * share).toFixed(2)} %`,
        beside: "",
        aim: aim[name],
      });
  }

  const steady = await pair({ rate: 1000, seconds: 5, lines: 1 });
  const points = (100 * (steady.ours.cpu - steady.bare.cpu)) / 5;
  measurements.push({
    what: `${name}: CPU at 1000 packets/s, beyond the bare reader's`,
    chouette: `${points.toFixed(2)} points`,
    beside: `${((100 * steady.bare.cpu) / 5).toFixed(2)} %`,
    aim: "<= 1 point",
  });

  for (const [series, aims] of [
    [1000, { Bun: "<= 0.4", Node: "<= 0.2" }],
    [100_000, { Bun: "<= 0.7", Node: "<= 0.35" }],
  ] as const) {
    const { exact, receiver, anyOrder } = await runtime.measure<
      Record<"exact" | "receiver" | "anyOrder", number>
    >("parse", series);
    const what = `${name}: a line in the process, ${series} series`;
    add(`${what}, beside the exact parser`, receiver, exact, "ns", aims, name);
    add(`${what}, each time in another order`, anyOrder, exact, "ns", aims, name);
  }
  for (const [series, aim] of [
    [5000, "<= 15 MB"],
    [100_000, "<= 25 MB"],
  ] as const) {
    const { bytes, collected } = await runtime.measure<{ bytes: number; collected: number }>(
      "memory",
      series,
    );
    measurements.push({
      what: `${name}: anonymous memory, ${series} series attempted, MAX_SERIES 5000`,
      chouette: `${(bytes / 1e6).toFixed(1)} MB`,
      beside: `${(collected / 1e6).toFixed(1)} MB without garbage`,
      aim,
    });
  }
  const { lines, differences } = await runtime.measure<{ lines: number; differences: number }>(
    "fuzz",
    1_000_000,
  );
  measurements.push({
    what: `${name}: differences from the exact parser, random lines`,
    chouette: `${differences}`,
    beside: `${lines} lines`,
    aim: "0",
  });
  const { stall, total } = await runtime.measure<{ stall: number; total: number }>("close", 10_000);
  measurements.push({
    what: `${name}: longest stall while 10,000 series are closed`,
    chouette: `${stall.toFixed(1)} ms`,
    beside: `${total.toFixed(0)} ms in all`,
    aim: name === "Bun" ? "<= 20 ms" : "<= 40 ms",
  });
}
for (const { name, perPacket, keptPerSecond, rss } of await measurePeers())
  for (const [runtime, ours] of Object.entries(perPackets))
    measurements.push({
      what: `${runtime}: CPU per packet beside ${name}`,
      chouette: `${ours.toFixed(2)} µs`,
      beside: `${perPacket.toFixed(2)} µs, ${Math.round(keptPerSecond / 1000)} k/s, ${Math.round(rss / 1e6)} MB`,
      ratio: ours / perPacket,
      aim: name === "npm statsd" ? { Bun: "<= 0.6", Node: "<= 0.9" }[runtime as Runtime["name"]] : "",
    });
measurements.push(...(await measureRedisProtocol()));
printMeasurements(measurements);

function add(
  what: string,
  ours: number,
  bare: number,
  unit: string,
  aims: Readonly<Record<Runtime["name"], string>>,
  name: Runtime["name"],
): void {
  const text = (value: number) => `${value >= 1000 ? Math.round(value) : value.toFixed(2)} ${unit}`.trim();
  measurements.push({ what, chouette: text(ours), beside: text(bare), ratio: ours / bare, aim: aims[name] });
}

/** The highest of the rates at which less than one packet in 1000 is lost. */
async function lossless(
  runtime: Runtime,
  mode: "bare" | "chouette",
  rates: readonly number[],
): Promise<number> {
  let best = 0;
  for (const rate of rates) {
    const { sent, received, seconds } = await flood(runtime, mode, { rate, seconds: 2, lines: 1 });
    if (received < 0.999 * sent) break;
    best = received / seconds;
  }
  return best;
}
