import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { kill } from "node:process";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { ioError } from "./system-errors.ts";

const MAX_LINE = 64 * 1024;
const MAX_COMPLAINT = 1024;
const PATIENCE_MS = 2000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** For `killPrograms`: those that are not ended yet. */
const running = new Set<Child>();

/**
 * Starts a program and yields what it prints line by line, each cut at 64 KiB (or `maxLine` bytes), until it ends, the signal aborts or the loop is
 * left; then the program and what it started are ended, by SIGTERM and at most two seconds later by SIGKILL. While nobody
 * takes its lines the program waits: no more than a pipe's worth is held. Rejects when it cannot be started; when it ends
 * by itself with a code other than 0, with the last 1 KiB of its stderr; and with a RangeError when it printed more than
 * `maxBytes`, stdout and stderr together.
 */
export async function* lines(
  command: readonly [string, ...string[]],
  signal: AbortSignal,
  maxBytes = Number.POSITIVE_INFINITY,
  maxLine = MAX_LINE,
): AsyncGenerator<string> {
  if (signal.aborted) return;
  const [program, ...words] = command;
  const child = await start(program, words);
  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end(child);
    return ended;
  };
  let left = maxBytes;
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left >= 0) return;
    child.stderr.destroy();
    void stop();
  };
  const complaint = tailOf(child.stderr, count);
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return;
    yield* split(child.stdout, count, maxLine);
    await exit(child);
    await stop();
    if (child.exitCode !== 0 && !signal.aborted)
      throw new Error(`${program} ended with ${howItEnded(child)}${complaint()}`);
  } catch (error) {
    if (!signal.aborted && left >= 0) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    await stop();
  }
  if (!signal.aborted && left < 0) throw new RangeError(`${program} printed more than ${maxBytes} bytes`);
}

/** Kills every program that still runs, with what it started: for an agent that ends without waiting for them. */
export function killPrograms(): void {
  for (const child of running) signalGroup(child, "SIGKILL");
}

/**
 * In a process group of its own (detached), so that what a script started can be ended with it. Of the agent's environment
 * nothing is passed on: the API key is in it.
 */
async function start(program: string, words: readonly string[]): Promise<Child> {
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  try {
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
    await once(child, "spawn");
    running.add(child);
    return child;
  } catch (error) {
    throw ioError(`cannot start ${program}`, error);
  }
}

async function* split(
  stream: Readable,
  count: (chunk: Buffer) => void,
  maxLine: number,
): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count(chunk);
    if (stream.destroyed) return;
    let from = 0;
    for (let to = chunk.indexOf("\n"); to !== -1; to = chunk.indexOf("\n", from)) {
      yield extend(rest, chunk.subarray(from, to), maxLine).toString("utf8");
      rest = Buffer.alloc(0);
      from = to + 1;
    }
    rest = extend(rest, chunk.subarray(from), maxLine);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

function extend(line: Buffer<ArrayBuffer>, more: Buffer, maxLine: number): Buffer<ArrayBuffer> {
  return line.length === maxLine ? line : Buffer.concat([line, more.subarray(0, maxLine - line.length)]);
}

/** Follows a stream to its end and remembers the last of it, to be put behind a sentence. */
function tailOf(stream: Readable, count: (chunk: Buffer) => void): () => string {
  let tail = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    count(chunk);
    tail = Buffer.concat([tail, chunk]).subarray(-MAX_COMPLAINT);
  });
  return () => {
    const text = tail.toString("utf8").trim();
    return text === "" ? "" : `: ${text}`;
  };
}

/** Ends the group: what ignores SIGTERM gets SIGKILL. A child in an uninterruptible wait is left to the kernel after that. */
async function end(child: Child): Promise<void> {
  child.stdout.destroy();
  signalGroup(child, "SIGTERM");
  await soon(exit(child));
  signalGroup(child, "SIGKILL");
  await soon(Promise.all([exit(child), closed(child.stderr)]));
  running.delete(child);
}

function signalGroup({ pid }: Child, name: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    kill(-pid, name);
  } catch {
    // ESRCH: the whole group is gone already.
  }
}

async function exit(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, "close");
}

/** Waits for it, but not longer than two seconds. */
async function soon(event: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const patience = delay(PATIENCE_MS, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([event.catch(() => {}), patience]);
  over.abort();
}

function howItEnded(child: Child): string {
  return child.exitCode === null ? `${child.signalCode}` : `code ${child.exitCode}`;
}
