import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const execute = promisify(execFile);

export type ContainerEngine = {
  socketPath: string;
  /** Runs `docker …` or `podman …` and gives what it printed. */
  cli(...words: string[]): Promise<string>;
  /** Runs the same until it has printed `count` lines that match. */
  until(words: readonly string[], pattern: RegExp, count?: number): Promise<void>;
  /** Starts a container of busybox without a network and gives its id. */
  run(name: string, options: readonly string[], ...command: string[]): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A Docker Engine beside the system's own: own data, own socket, no network bridge. */
export async function startDocker(): Promise<ContainerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "docker-rig-"));
  const socketPath = join(folder, "docker.sock");
  const files = [
    "--data-root",
    join(folder, "data"),
    "--exec-root",
    join(folder, "exec"),
    "-p",
    join(folder, "pid"),
  ];
  const network = ["--iptables=false", "--ip6tables=false", "--bridge=none"];
  const server = spawn("dockerd", [
    ...files,
    ...network,
    "-H",
    `unix://${socketPath}`,
    "--storage-driver=vfs",
  ]);
  await said(server, server.stderr, /API listen on/);
  return engine(folder, socketPath, server, "docker", {
    globals: ["-H", `unix://${socketPath}`],
    limits: [],
    remove: ["rm", "-f"],
  });
}

/** Podman's Docker-compatible service, with containers of its own. */
export async function startPodman(): Promise<ContainerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "podman-rig-"));
  const socketPath = join(folder, "podman.sock");
  const files = [
    "--root",
    join(folder, "root"),
    "--runroot",
    join(folder, "run"),
    "--tmpdir",
    join(folder, "tmp"),
  ];
  const kind = [
    "--storage-driver=vfs",
    "--cgroup-manager=cgroupfs",
    "--events-backend=file",
    "--runtime=runc",
  ];
  const service = ["--log-level=info", "system", "service", "--time=0", `unix://${socketPath}`];
  const server = spawn("podman", [...files, ...kind, ...service]);
  await said(server, server.stderr, /API service listening on/);
  const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=10000:10000"];
  const remove = ["rm", "-f", "--time=0"];
  return engine(folder, socketPath, server, "podman", { globals: [...files, ...kind], limits, remove });
}

async function engine(
  folder: string,
  socketPath: string,
  server: ChildProcess,
  program: string,
  words: Readonly<Record<"globals" | "limits" | "remove", readonly string[]>>,
): Promise<ContainerEngine> {
  const cli = async (...command: string[]) =>
    (await execute(program, [...words.globals, ...command])).stdout.trim();
  await cli("import", busyboxImage(folder), "busybox:rig");
  return {
    socketPath,
    cli,
    async until(command, pattern, count = 1) {
      const watcher = spawn(program, [...words.globals, ...command]);
      await said(watcher, watcher.stdout, pattern, count);
      watcher.kill();
    },
    run: (name, options, ...command) =>
      cli(
        "run",
        "-d",
        "--name",
        name,
        "--network=none",
        ...words.limits,
        ...options,
        "busybox:rig",
        ...command,
      ),
    async [Symbol.asyncDispose]() {
      const ids = (await cli("ps", "-aq")).split("\n").filter((id) => id !== "");
      if (ids.length > 0) await cli(...words.remove, ...ids);
      server.kill();
      await once(server, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A root filesystem of nothing but a static busybox, as a tar archive. */
function busyboxImage(folder: string): string {
  const bin = join(folder, "rootfs", "bin");
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(folder, "rootfs", "tmp"));
  copyFileSync("/bin/busybox", join(bin, "busybox"));
  for (const applet of ["sh", "dd", "sleep", "true", "false"]) symlinkSync("busybox", join(bin, applet));
  const archive = join(folder, "rootfs.tar");
  Bun.spawnSync(["tar", "-C", join(folder, "rootfs"), "-cf", archive, "."]);
  return archive;
}

/** Resolves at the so-many-th line that matches; rejects with what was printed when it ends before. */
async function said(program: ChildProcess, output: Readable, pattern: RegExp, count = 1): Promise<void> {
  const printed: string[] = [];
  await new Promise<void>((resolve, reject) => {
    program.once("error", reject);
    const lines = createInterface({ input: output });
    lines.on("line", (line) => {
      printed.push(line);
      if (printed.filter((earlier) => pattern.test(earlier)).length === count) resolve();
    });
    lines.on("close", () => reject(new Error(`it ended: ${printed.slice(-20).join("\n")}`)));
  });
}
