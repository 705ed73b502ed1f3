import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { openWindows } from "../../src/aggregate/open-windows.ts";
import { parseDatagram } from "../../src/dogstatsd/datagram.ts";
import { listenDatagram } from "../../src/dogstatsd/listen-datagram.ts";
import { listenUdp } from "../../src/dogstatsd/listen-udp.ts";
import type { Receive } from "../../src/dogstatsd/receiver.ts";
import { pointRecords } from "../../src/records/group-points.ts";
import { fuzzLines, shuffle } from "./dogstatsd-fuzz.ts";
import { lineOf, setUp, wrapper } from "./dogstatsd-setup.ts";

/**
 * The measured process of scripts/bench.sh dogstatsd, in Bun or in Node.js: `bare` and `chouette` receive until standard input
 * ends and print a line of JSON for each line of it; the other modes measure in the process and end.
 */
const [mode = "", argument = "", descriptor = ""] = process.argv.slice(2);

switch (mode) {
  case "bare":
  case "chouette":
    await receiveUntilEnd(mode);
    break;
  case "parse":
    print(measureLines(Number(argument)));
    break;
  case "memory":
    print(measureMemory(Number(argument)));
    break;
  case "fuzz":
    print(fuzzLines(Number(argument)));
    break;
  case "close":
    print(await measureClose(Number(argument)));
    break;
  default:
    throw new Error(`unknown mode ${mode}`);
}

async function receiveUntilEnd(kind: "bare" | "chouette"): Promise<void> {
  let packets = 0;
  const { receive } = setUp(5000);
  const take: Receive = (packet) => {
    packets++;
    if (kind === "chouette") receive(packet);
  };
  const options = { nonLocal: false, buffer: 4 * 1024 * 1024 };
  const listener =
    descriptor === ""
      ? await listenUdp({ ...options, port: Number(argument) }, take)
      : listenDatagram(Number(descriptor), take);
  print({ where: listener.where, buffer: listener.buffer });
  for await (const _ of createInterface({ input: process.stdin })) {
    const { user, system } = process.cpuUsage();
    print({ packets, cpu: user + system });
  }
  await listener.close();
}

/** Nanoseconds a line: the exact parser alone, and the receiver with everything behind it, in one order and in many. */
function measureLines(series: number): { exact: number; receiver: number; anyOrder: number } {
  const lines = Array.from({ length: series }, (_, index) => Buffer.from(lineOf(index)));
  const rounds = Math.max(2, Math.ceil(400_000 / series));
  const { receive } = setUp(2 * series);
  return {
    exact: perLine(lines, rounds, (line) => parseDatagram(line)),
    receiver: perLine(lines, rounds, receive),
    anyOrder: perLine(lines, Math.min(rounds, 20), receive, () => shuffle(lines)),
  };
}

/** The best of some rounds. */
function perLine(
  lines: readonly Buffer[],
  rounds: number,
  take: (line: Buffer) => unknown,
  prepare = () => {},
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round++) {
    prepare();
    const begin = process.hrtime.bigint();
    for (const line of lines) take(line);
    const taken = Number(process.hrtime.bigint() - begin) / lines.length;
    if (round > 0) best = Math.min(best, taken);
  }
  return best;
}

/**
 * Bytes of anonymous memory that so many series take, of which 5000 are taken: with the garbage that the runtime has not collected,
 * and without.
 */
function measureMemory(series: number): { bytes: number; collected: number } {
  const { receive } = setUp(5000);
  const lines = Array.from({ length: series }, (_, index) => Buffer.from(lineOf(index)));
  for (let turn = 0; turn < 300_000; turn++) receive(lines[turn % 10] as Buffer);
  const [dirty, clean] = [anonymous(), collected()];
  for (let turn = 0; turn < 300_000; turn++) receive(lines[turn % series] as Buffer);
  return { bytes: anonymous() - dirty, collected: collected() - clean };
}

function collected(): number {
  const collect: () => void = globalThis.gc ?? (() => Bun.gc(true));
  collect();
  return anonymous();
}

function anonymous(): number {
  const text = readFileSync("/proc/self/status", "utf8");
  return Number(/^RssAnon:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}

/** The longest time, in milliseconds, in which nothing else has its turn while so many series are closed. */
async function measureClose(series: number): Promise<{ stall: number; total: number }> {
  const { receive, live } = setUp(2 * series);
  for (let index = 0; index < series; index++) receive(Buffer.from(lineOf(index)));
  let last = process.hrtime.bigint();
  let stall = 0n;
  const begin = last;
  const breathe = async () => {
    const now = process.hrtime.bigint();
    if (now - last > stall) stall = now - last;
    await new Promise((done) => setImmediate(done));
    last = process.hrtime.bigint();
  };
  const windows = openWindows({ interval: 10, wrapper, newest: 0 });
  for (const { start, groups } of live.take(Number.POSITIVE_INFINITY))
    for (let at = 0; at < groups.length; at += 1000) {
      windows.addLive(start, groups.slice(at, at + 1000));
      await breathe();
    }
  let keys = 0;
  for (const { points, live: settled } of windows.closeAll(new Set())) {
    pointRecords(points, { host: "pi", newKey: () => `${keys++}`, shared: false });
    live.settle(settled);
    await breathe();
  }
  return { stall: Number(stall) / 1e6, total: Number(process.hrtime.bigint() - begin) / 1e6 };
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
