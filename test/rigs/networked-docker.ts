import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { forwardTo } from "./forward.ts";

const execute = promisify(execFile);

export type NetworkedDocker = {
  /** A new directory for files of the test. */
  folder: string;
  /** Another path of the engine's socket, which containers find at /var/run/docker.sock of their host. */
  socketPath: string;
  /** Runs a program among the containers' networks, with the engine as Docker's, and gives what it printed on both outputs. */
  run(program: string, words: readonly string[], options?: { cwd?: string; input?: string }): Promise<string>;
  docker(...words: string[]): Promise<string>;
  /** Lets containers reach this port of 127.0.0.1: gives `172.17.0.1:PORT`. */
  expose(port: number): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A Docker Engine as on a device, with networks and names, in a network and a mount namespace of its own. */
export async function startNetworkedDocker(): Promise<NetworkedDocker> {
  const folder = mkdtempSync(join(tmpdir(), "docker-rig-"));
  const socketPath = join(folder, "docker.sock");
  const words = ["--data-root", "data", "--exec-root", "exec", "-p", "pid"].map((word) =>
    word.startsWith("-") ? word : join(folder, word),
  );
  const sockets = ["-H", "unix:///run/docker.sock", "-H", `unix://${socketPath}`];
  const daemon = spawn("unshare", [
    ...["--net", "--mount", "sh", "-euc", SURROUNDINGS, "dockerd"],
    ...words,
    ...sockets,
  ]);
  await saidBy(daemon, /API listen on .*docker-rig/);
  const inside = ["-t", String(daemon.pid), "--net", "--mount", "--"];
  const children: ChildProcess[] = [];
  const closing: (() => void)[] = [];

  const run: NetworkedDocker["run"] = async (program, args, { cwd = folder, input = "" } = {}) => {
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      DOCKER_HOST: `unix://${socketPath}`,
      DOCKER_BUILDKIT: "0",
    };
    // nsenter goes to the namespace's root directory.
    const running = execute("nsenter", [...inside, "env", "-C", cwd, program, ...args], { env });
    running.child.stdin?.end(input);
    const { stdout, stderr } = await running;
    return (stdout + stderr).trim();
  };

  return {
    folder,
    socketPath,
    run,
    docker: (...args) => run("docker", args),
    async expose(port) {
      const path = join(folder, `${port}.sock`);
      const server = forwardTo(() => connect(port, "127.0.0.1"));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      closing.push(() => server.close());
      const forward = join(import.meta.dir, "forward.ts");
      const child = spawn("nsenter", [...inside, process.execPath, forward, path]);
      children.push(child);
      return `172.17.0.1:${await saidBy(child, /^\d+$/)}`;
    },
    async [Symbol.asyncDispose]() {
      const ids = (await run("docker", ["ps", "-aq"])).split("\n").filter((id) => id !== "");
      if (ids.length > 0) await run("docker", ["rm", "-fv", ...ids]);
      for (const close of closing) close();
      for (const child of [...children, daemon]) {
        const gone = once(child, "exit");
        child.kill();
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The engine's socket at its usual path, without touching the machine's; and mounts that a container can follow (rslave), as systemd has them. */
const SURROUNDINGS = `
mount --make-rshared /
mount -t tmpfs tmpfs /run
ip link set lo up
exec "$0" "$@"
`;

/** The first line that matches; rejects with what was printed when it ends before. */
async function saidBy(child: ChildProcess, pattern: RegExp): Promise<string> {
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    for (const output of [child.stdout, child.stderr]) {
      if (output === null) continue;
      createInterface({ input: output }).on("line", (line) => {
        printed.push(line);
        if (pattern.test(line)) resolve(line);
      });
    }
    child.once("exit", () => reject(new Error(`it ended: ${printed.slice(-20).join("\n")}`)));
  });
}
