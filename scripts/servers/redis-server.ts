import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export type RedisServer = {
  /** `unix:///…/redis.sock`: for openRedis. */
  url: string;
  /** The path of the socket. */
  socket: string;
  /** Runs redis-cli with these arguments and resolves to its output. */
  cli(...args: string[]): Promise<string>;
  /** Kills it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Pauses it (SIGSTOP), and resumes it. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same socket and data after `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
};

/** Starts a real redis-server on its own unix socket, without a port. `args` as on its command line. */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), "chouette-redis-"));
  const socket = join(dir, "redis.sock");
  const options = ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", ...args];
  let server = await start(options, socket);

  async function kill(): Promise<void> {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    if (server.kill("SIGKILL")) await gone;
  }

  return {
    url: `unix://${socket}`,
    socket,
    cli: async (...words) => (await promisify(execFile)("redis-cli", ["-s", socket, ...words])).stdout.trim(),
    kill,
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    restart: async () => {
      server = await start(options, socket);
    },
    stop: async () => {
      await kill();
      await rm(dir, { recursive: true });
    },
  };
}

async function start(options: readonly string[], socket: string) {
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const line of createInterface({ input: server.stdout })) {
    output += `${line}\n`;
    if (/ready to accept connections/i.test(line)) {
      server.stdout.resume();
      await answersPing(socket);
      return server;
    }
  }
  throw new Error(`redis-server ${options.join(" ")} did not start:\n${output}`);
}

/** Resolves once the server answers, if only to request a password. */
function answersPing(socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = connect(socket, () => client.write("PING\r\n"));
    client.once("error", reject);
    client.once("data", () => {
      client.destroy();
      resolve();
    });
  });
}
