import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { V8_FLAG } from "../build/bundle-for-node.ts";

/** A runtime and how it runs the measured script. */
export type Runtime = {
  name: "Bun" | "Node";
  command: readonly string[];
  /** Runs a mode that measures in the process. */
  measure<T>(mode: string, argument: number): Promise<T>;
};

/** Rate: packets a second, 0 as fast as can be. */
export type Flood = { rate: number; seconds: number; lines: number };

export type Flooded = {
  sent: number;
  received: number;
  seconds: number;
  /** Seconds of CPU of the receiving process, and microseconds of it for each packet. */
  cpu: number;
  perPacket: number;
};

/** Bun, and Node.js with the script as the bundle of its source. */
export async function runtimes(script: string): Promise<Runtime[]> {
  const bundle = join(mkdtempSync(join(tmpdir(), "chouette-bench-")), "child.mjs");
  const built = Bun.spawnSync([process.execPath, "build", "--target=node", `--outfile=${bundle}`, script]);
  if (built.exitCode !== 0) throw new Error(built.stderr.toString());
  const flag = `import { setFlagsFromString } from "node:v8"; setFlagsFromString("${V8_FLAG}");\n`;
  writeFileSync(bundle, flag + readFileSync(bundle, "utf8"));
  const of = (name: Runtime["name"], command: readonly string[]): Runtime => ({
    name,
    command,
    measure: async (mode, argument) => {
      const child = Bun.spawnSync([...command, mode, `${argument}`]);
      if (child.exitCode !== 0) throw new Error(child.stderr.toString());
      return JSON.parse(child.stdout.toString());
    },
  });
  return [of("Bun", [process.execPath, script]), of("Node", ["node", "--expose-gc", bundle])];
}

/** A receiving process: `ask` tells what it received and the microseconds of CPU that it used. */
export type Receiver = { ask(): Promise<{ packets: number; cpu: number }>; end(): Promise<unknown> };

/** Starts one; resolves when it listens. */
export async function startReceiver(words: readonly string[]): Promise<Receiver> {
  const child = Bun.spawn([...words], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const lines = linesOf(child.stdout);
  await lines.next();
  return {
    ask: async () => {
      child.stdin.write("\n");
      child.stdin.flush();
      return JSON.parse((await lines.next()).value ?? "null");
    },
    end: async () => {
      child.stdin.end();
      await child.exited;
    },
  };
}

/** Sends packets to a new process of the runtime, and measures what it received and what that took. */
export async function flood(runtime: Runtime, mode: "bare" | "chouette", options: Flood): Promise<Flooded> {
  const port = await freePort();
  const { ask, end } = await startReceiver([...runtime.command, mode, `${port}`]);
  // What is compiled while it runs is compiled now.
  await send(port, { rate: 20_000, seconds: 1, lines: options.lines });
  await settled(ask);
  const before = await ask();
  const sent = await send(port, options);
  await settled(ask);
  const after = await ask();
  await end();
  const received = after.packets - before.packets;
  const cpu = (after.cpu - before.cpu) / 1e6;
  return { sent, received, seconds: options.seconds, cpu, perPacket: (1e6 * cpu) / received };
}

/** Waits until no more packets come out of the receive buffer. */
export async function settled(ask: () => Promise<{ packets: number }>): Promise<void> {
  for (let [last, now] = [-1, 0]; last !== now; ) {
    last = now;
    await Bun.sleep(100);
    now = (await ask()).packets;
  }
}

/** Sends packets; resolves to their number. */
export async function send(port: number, { rate, seconds, lines }: Flood, plain = false): Promise<number> {
  const script = join(import.meta.dir, "dogstatsd-sender.ts");
  const words = [...[port, rate, seconds, lines].map(String), plain ? "plain" : "tagged"];
  const child = Bun.spawn([process.execPath, script, ...words], { stdout: "pipe", stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text()).sent;
}

export async function freePort(): Promise<number> {
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1" });
  const { port } = socket;
  socket.close();
  return port;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
