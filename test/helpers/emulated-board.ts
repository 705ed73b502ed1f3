import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { SdCard } from "../../scripts/machines/sd-card.ts";
import type { ExecOptions, ExecResult } from "./nspawn.ts";

/**
 * A whole computer in QEMU: processor, kernel, systemd; some 50 seconds from its start to the first command, and some 20 times
 * slower than this machine. The test's servers are at 10.0.2.2 there. What it writes to its card goes with it.
 */
export type Board = {
  /** Runs a program in it, as root; two at a time. Rejects when the board is gone before it ends. */
  exec(words: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** The same of a script of sh: what it prints; rejects when it fails. */
  sh(script: string): Promise<string>;
  /** What its kernel and systemd have printed. */
  console(): string;
  /** Pulls the plug; may be called again. */
  stop(): Promise<void>;
};

export type BoardParts = {
  hostname: string;
  /** QEMU's words for the machine, its card and its network interface (of the `-netdev` network). */
  machine: readonly string[];
  /** The kernel's name of the serial port that is `-serial stdio`. */
  serial: string;
};

/** Resolves when its systemd has started everything. */
export async function startBoard(
  { linux, initrd }: SdCard,
  { hostname, machine, serial }: BoardParts,
): Promise<Board> {
  const shells = await listenForShells();
  const kernelOptions = [
    ...[`console=${serial}`, "loglevel=4", "systemd.show_status=yes"],
    ...[`systemd.hostname=${hostname}`, `test_port=${shells.port}`],
  ].join(" ");
  const qemu = spawn(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "qemu-system-aarch64", "-nodefaults", "-display", "none"],
      ...["-kernel", linux, "-initrd", initrd, "-append", kernelOptions],
      ...["-netdev", "user,id=network", ...machine],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [qemu.stdout, qemu.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const gone = once(qemu, "close").then(() => shells.close());
  const exec = async (words: readonly string[], options?: ExecOptions) =>
    execIn(await shells.next(), words, options);
  const board: Board = {
    exec,
    sh: async (script) => {
      const { code, stdout, stderr } = await exec(["sh", "-c", script]);
      if (code !== 0) throw new Error(`${script} failed (${code}):\n${stdout}${stderr}`);
      return stdout;
    },
    console: () => said,
    stop: async () => {
      qemu.kill("SIGKILL");
      await gone;
    },
  };
  try {
    await board.exec(["systemctl", "is-system-running", "--wait"]);
  } catch (error) {
    await board.stop();
    throw new Error(`the board did not start:\n${said}`, { cause: error });
  }
  return board;
}

type Shells = { port: number; next(): Promise<Socket>; close(): void };

/** The machine connects to this by itself, twice, and again after each command: each connection is a shell. */
async function listenForShells(): Promise<Shells> {
  const free: Socket[] = [];
  const waiting: { resolve(shell: Socket): void; reject(error: Error): void }[] = [];
  let closed = false;
  const server = createServer({ allowHalfOpen: true }, (shell) => {
    const first = waiting.shift();
    if (first === undefined) free.push(shell);
    else first.resolve(shell);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    next: () =>
      new Promise((resolve, reject) => {
        const shell = free.shift();
        if (shell !== undefined) resolve(shell);
        else if (closed) reject(new Error("the board is gone"));
        else waiting.push({ resolve, reject });
      }),
    close: () => {
      closed = true;
      server.close();
      for (const shell of free) shell.destroy();
      for (const { reject } of waiting) reject(new Error("the board is gone"));
    },
  };
}

/** Behind standard output come, each after a mark that is in none of them, the exit code and standard error. */
async function execIn(
  shell: Socket,
  words: readonly string[],
  { stdin = "", env = {} }: ExecOptions = {},
): Promise<ExecResult> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = ["env", ...variables, ...words].map(quote).join(" ");
  const mark = randomUUID();
  const input = Buffer.from(stdin).toString("base64");
  // In braces, so that the shell has read all of it before the program could read from the connection.
  shell.end(`{ error=$(mktemp)
printf %s ${quote(input)} | base64 -d | ${command} 2>"$error"
echo "${mark}$?${mark}"
cat "$error"
rm "$error"
exit
}
`);
  const chunks: Buffer[] = [];
  for await (const chunk of shell) chunks.push(chunk);
  const [stdout = "", code, rest = ""] = Buffer.concat(chunks).toString().split(mark);
  if (code === undefined)
    throw new Error(`the board went during ${words.join(" ")}, which printed: ${stdout}`);
  return { code: Number(code), stdout, stderr: rest.slice(1) };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
