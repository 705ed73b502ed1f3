import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { executable } from "../../scripts/build/executable.ts";

/** The running executable, as a service manager or a person starts it. */
export type Agent = {
  pid: number;
  /** Everything printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves once standard error holds the text (`next`: from now on); rejects when the program ends without it. */
  logged(text: string): Promise<void>;
  next(text: string): Promise<void>;
  /** The same of standard output. */
  printed(text: string): Promise<void>;
  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Resolves when it is gone and everything it printed is read. */
  ended: Promise<Ended>;
};

export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string };

export type AgentEnv = Readonly<Record<string, string>>;

export type AgentOptions = {
  /** Working directory. */
  cwd?: string;
  /** Words in front of the program, as of unshare or taskset. */
  prefix?: readonly string[];
  /** The words that start another program than `executable()`, such as an emulator and an executable for it. */
  program?: readonly string[];
};

/** The same for all tests, with absolute paths: `/usr/bin/qemu-arm-static -L ROOT /…/dist/chouette-linux-armv7`. */
const PROGRAM = process.env.CHOUETTE_EXECUTABLE?.split(" ");

const running = new Set<ChildProcess>();

let ramOfThisRun: string | undefined;

/** The directory in RAM of every agent of this test run that is not given one; databases there are named after their card's. */
function ram(): string {
  if (ramOfThisRun === undefined) {
    const made = mkdtempSync("/dev/shm/chouette-tests-");
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    ramOfThisRun = made;
  }
  return ramOfThisRun;
}

/** Starts the executable with these words and nothing in its environment but `env`, PATH, CHOUETTE_RUNTIME_DIR and DOGSTATSD=false. */
export async function startAgent(
  words: readonly string[],
  env: AgentEnv,
  { cwd = "/", prefix = [], program = PROGRAM }: AgentOptions = {},
): Promise<Agent> {
  const [command = "", ...args] = [...prefix, ...(program ?? [await executable()]), ...words];
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      // Agents of tests run side by side: one UDP port is not enough for them.
      ...(words.includes("--env-file") ? {} : { CHOUETTE_RUNTIME_DIR: ram(), DOGSTATSD: "false" }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const printed = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  let over = false;
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => {
      printed[name] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => {
      running.delete(child);
      over = true;
      for (const look of waiting) look();
      done({ code, signal, ...printed });
    });
  });
  const until = (name: keyof typeof printed, text: string, from: number) =>
    new Promise<void>((done, failed) => {
      const look = () => {
        if (printed[name].indexOf(text, from) !== -1) done();
        else if (over)
          failed(new Error(`chouette ended without ${JSON.stringify(text)}:\n${printed.stderr}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    logged: (text) => until("stderr", text, 0),
    next: (text) => until("stderr", text, printed.stderr.length),
    printed: (text) => until("stdout", text, 0),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs the executable to its end. */
export async function runAgent(
  words: readonly string[],
  env: AgentEnv,
  options?: AgentOptions,
): Promise<Ended> {
  return (await startAgent(words, env, options)).ended;
}

/** For afterEach: whatever became of the test, none of its programs outlives it. */
export async function endAgents(): Promise<void> {
  const gone = [...running].map((child) => new Promise((done) => child.once("close", done)));
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(gone);
}
