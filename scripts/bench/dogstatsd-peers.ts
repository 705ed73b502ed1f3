import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { udpSockets } from "../../src/dogstatsd/udp-sockets.ts";
import { npmFolder } from "../machines/npm-folder.ts";
import { type Flood, freePort, send } from "./dogstatsd-flood.ts";

/** What another StatsD server cost. */
export type Peer = { name: string; perPacket: number; keptPerSecond: number; rss: number };

const SATURATED: Flood = { rate: 0, seconds: 3, lines: 1 };

/** Floods npm's statsd, collectd and netdata, each alone; those that are not installed are left out. */
export async function measurePeers(): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const [name, words] of Object.entries(PEERS)) {
    const dir = mkdtempSync(join(tmpdir(), "chouette-peer-"));
    const port = await freePort();
    const command = await words(dir, port);
    if (command === undefined) continue;
    const [program = "", ...args] = command;
    const child = spawn(program, args, { stdio: "ignore", cwd: dir });
    try {
      peers.push(await measure(name, child, port));
    } finally {
      child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return peers;
}

async function measure(name: string, child: ChildProcess, port: number): Promise<Peer> {
  const sockets = () => udpSockets(readFileSync("/proc/net/udp", "utf8"), port);
  const dropped = () => sockets().reduce((sum, { drops }) => sum + drops, 0);
  while (sockets().length === 0) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    await Bun.sleep(50);
  }
  const pid = child.pid ?? 0;
  await send(port, { rate: 20_000, seconds: 1, lines: 1 }, true);
  const [cpu, drops] = [cpuOf(pid), dropped()];
  const sent = await send(port, SATURATED, true);
  await Bun.sleep(500);
  const received = sent - (dropped() - drops);
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  return {
    name,
    perPacket: (1e6 * (cpuOf(pid) - cpu)) / received,
    keptPerSecond: received / SATURATED.seconds,
    rss,
  };
}

/** Seconds of CPU that a process has used: fields 14 and 15 of /proc/PID/stat, in hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

type Words = (dir: string, port: number) => Promise<string[] | undefined>;

const PEERS: Readonly<Record<string, Words>> = {
  "npm statsd": async (dir, port) => {
    const config = join(dir, "config.js");
    const mgmt = await freePort();
    writeFileSync(
      config,
      `{ port: ${port}, address: "127.0.0.1", mgmt_port: ${mgmt}, mgmt_address: "127.0.0.1", backends: [] }`,
    );
    return ["node", join(await npmFolder("statsd@0.9.0"), "statsd/stats.js"), config];
  },
  collectd: async (dir, port) => {
    if (!existsSync("/usr/sbin/collectd")) return undefined;
    const config = join(dir, "collectd.conf");
    writeFileSync(
      config,
      `BaseDir "${dir}"\nPIDFile "${dir}/pid"\nTypesDB "/usr/share/collectd/types.db"\nLoadPlugin statsd\n<Plugin statsd>\nHost "127.0.0.1"\nPort "${port}"\n</Plugin>\n`,
    );
    return ["/usr/sbin/collectd", "-f", "-C", config];
  },
  netdata: async (dir, port) => {
    if (!existsSync("/usr/sbin/netdata")) return undefined;
    for (const folder of ["cache", "lib", "log", "run"]) mkdirSync(join(dir, folder));
    const config = join(dir, "netdata.conf");
    const off = [
      "proc",
      "diskspace",
      "cgroups",
      "tc",
      "idlejitter",
      "enable running new plugins",
      "check for new plugins every",
      "apps",
      "python.d",
      "charts.d",
      "go.d",
      "timex",
      "freebsd",
      "slabinfo",
    ];
    writeFileSync(
      config,
      `[global]\nrun as user = root\n[directories]\ncache = ${dir}/cache\nlib = ${dir}/lib\nlog = ${dir}/log\n[db]\nmode = ram\n[web]\nmode = none\n[health]\nenabled = no\n[ml]\nenabled = no\n[plugins]\n${off.map((one) => `${one} = no`).join("\n")}\n[statsd]\nenabled = yes\nbind to = udp:127.0.0.1:${port}\n`,
    );
    return ["/usr/sbin/netdata", "-D", "-c", config];
  },
};
