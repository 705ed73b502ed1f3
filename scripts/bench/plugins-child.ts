/** plugins-child.ts JOB: captures again and again with one plugin, as JOB (JSON) says, and prints the cost of one capture. */
import { openSync, writeSync } from "node:fs";
import { readVariables } from "../../src/config/variable.ts";
import { createIo } from "../../src/io/io.ts";
import type { Io } from "../../src/plugins/plugin.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { builtInPlugins } from "../../src/start/built-in-plugins.ts";

export type CaptureJob = {
  plugin: string;
  /** The plugin's variables. */
  env: Record<string, string>;
  /** HOST_ROOT. */
  root: string;
  captures: number;
  redisUrl?: string;
  /** The line that the plugin's program prints before each capture, and the named pipe through which it gets that line. */
  program?: { pipe: string; line: string };
};

/** Mean cost of one capture: CPU seconds, user and system, programs started, and points. */
export type CaptureCost = { cpu: number; points: number; programs: number };

/** Captures before the measurement, so that code is compiled and caches are filled. */
const WARM_UP = 50;

/** Milliseconds between captures: long enough for the kernel's hundredths of a second to advance, so that no point is missing. */
const PAUSE = 20;

const job = JSON.parse(process.argv[2] ?? "") as CaptureJob;
const never = new AbortController().signal;
let programs = 0;
let lineTaken = () => {};
const collector = createCollector();
const print = createPrinter();

for (let at = 0; at < WARM_UP; at += 1) await capture(at);
programs = 0;
let points = 0;
const begin = process.cpuUsage();
for (let at = WARM_UP; at < WARM_UP + job.captures; at += 1) points = await capture(at);
const { user, system } = process.cpuUsage(begin);
const cost: CaptureCost = {
  cpu: (user + system) / 1e6 / job.captures,
  points,
  programs: programs / job.captures,
};
await collector.close?.();
console.log(JSON.stringify(cost));
process.exit(0);

/** Captures once; resolves to the number of points. */
async function capture(at: number): Promise<number> {
  await Bun.sleep(PAUSE);
  await print(at);
  const { points: captured, reason } = await collector.collect(at * 30, never);
  if (captured.length === 0) throw new Error(`${job.plugin} captured nothing: ${reason}`);
  return captured.length;
}

function createCollector() {
  const plugin = builtInPlugins[job.plugin];
  if (plugin === undefined) throw new Error(`there is no plugin ${job.plugin}`);
  const { values, issues } = readVariables(plugin.variables, job.env);
  if (issues.length > 0) throw new Error(issues.join("; "));
  const io = createIo({
    root: job.root,
    ...(job.redisUrl !== undefined && { redis: parseRedisUrl(job.redisUrl) }),
  });
  const settings = { captureInterval: 30, hostRoot: job.root };
  return plugin.create(values, { ...io, lines: (...call) => observedLines(io, ...call) }, settings);
}

async function* observedLines(io: Io, ...call: Parameters<Io["lines"]>): AsyncGenerator<string> {
  programs += 1;
  for await (const line of io.lines(...call)) {
    try {
      yield line;
    } finally {
      lineTaken();
    }
  }
}

/** Makes the program print; if it keeps running between captures, resolves when the plugin has read the line. */
function createPrinter(): (at: number) => Promise<void> {
  const { program } = job;
  if (program === undefined) return async () => {};
  const pipe = openSync(program.pipe, "r+");
  return async (at) => {
    const taken = new Promise<void>((resolve) => {
      lineTaken = resolve;
    });
    writeSync(pipe, `${program.line}\n`);
    if (at > 0) await taken;
  };
}
