import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { executable } from "../build/executable.ts";
import { startIntake } from "../servers/intake.ts";
import { replayDocker } from "./replay-docker.ts";

const FIXTURES = resolve(import.meta.dir, "../../test/fixtures");

/** A device as it was captured: fixtures laid over each other, and the settings of its agent. */
type Device = {
  host: string;
  /** The plugin whose captures are counted. */
  measures: string;
  fixtures: readonly string[];
  env: Readonly<Record<string, string>>;
};

/** The captures whose values the dashboards show, by device. `expected.json` in each folder has its points. */
export const DEVICES: readonly Device[] = [
  {
    host: "pi5",
    measures: "rpi",
    fixtures: ["rpi/pi5", "host/default-groups", "host/cm4-network"],
    env: { COLLECT_PLUGINS: "rpi,host", HOST_COLLECTOR_METRICS: "cpu,fs,la,ram,network,temperature" },
  },
  { host: "pi3", measures: "rpi", fixtures: ["rpi/pi3-sysfs"], env: { COLLECT_PLUGINS: "rpi" } },
  jetson("orin", "agx-orin-r39", "ram,temp,swap,cpu,gpu,emc,power"),
  jetson("thor", "thor-r38", "gpu,emc,power"),
  jetson("nano", "nano-r32", "ram,temp,swap,cpu,gpu,emc,power"),
  {
    host: "nas",
    measures: "cgroups",
    fixtures: ["cgroups/v2-bookworm", "docker/captures"],
    env: { COLLECT_PLUGINS: "cgroups,docker", CGROUP_METRICS: "memory,cpu", DOCKER_METRICS: "memory,cpu" },
  },
];

function jetson(host: string, fixture: string, groups: string): Device {
  return {
    host,
    measures: "tegrastats",
    fixtures: [`tegrastats/${fixture}`],
    env: { COLLECT_PLUGINS: "tegrastats", TEGRASTATS_METRICS: groups },
  };
}

/**
 * Runs the agent on each captured device, with a server of Datadog's metrics intake, until it has captured `rounds` times since a log
 * of it was refused: dropped records are on the dashboards, too.
 */
export async function sendSampleDevices(intakeUrl: string, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "chouette-devices-"));
  const refused = new Set<string>();
  const logs = await startIntake({
    apiKey: "sample",
    // A log of each device is rejected, and counted as dropped.
    script: ({ body }) => {
      const [, host] = /refuse (\w+)/.exec(body) ?? [];
      if (host !== undefined) refused.add(host);
      return host === undefined ? undefined : { status: 400 };
    },
  });
  const agents: ChildProcess[] = [];
  await using docker = await replayDocker(
    join(FIXTURES, "docker/captures/http"),
    join(folder, "docker.sock"),
  );
  try {
    const deliveries = DEVICES.map(async ({ host, measures, fixtures, env }) => {
      const root = join(folder, host);
      for (const fixture of fixtures) cpSync(join(FIXTURES, fixture), root, { recursive: true });
      completeTree(root);
      const programs = writePrograms(root);
      const log = join(root, "application.log");
      writeFileSync(log, "started before the agent\n");
      const agent = spawn(await executable(), ["run"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: {
          PATH: `${programs}:${process.env.PATH}`,
          API_KEY: "sample",
          DATADOG_URL: intakeUrl,
          DATADOG_LOGS_URL: logs.url,
          HOST: host,
          HOST_ROOT: root,
          CHOUETTE_STATE_DIR: join(folder, `${host}-state`),
          DOGSTATSD: "false",
          LOG_LEVEL: "DEBUG",
          LOG_FORMAT: "json",
          LOG_FILES: "/application.log",
          AGGREGATE_INTERVAL: "1",
          CAPTURE_INTERVAL: "1",
          RELEASE_INTERVAL: "1",
          DOCKER_SOCKET_PATH: docker.socketPath,
          TEGRASTATS_PATH: join(programs, "tegrastats"),
          ...env,
        },
      });
      agents.push(agent);
      let captures = 0;
      let printed = "";
      for await (const line of createInterface({ input: agent.stderr })) {
        printed += `${line}\n`;
        if (!line.includes(`"captured","plugin":"${measures}"`)) continue;
        letProcessorsRun(root);
        // What the file holds before the agent first looks is not read.
        appendFileSync(log, refused.has(host) ? `line ${captures}\n` : `refuse ${host}\n`);
        if (refused.has(host)) captures++;
        if (captures === rounds) agent.kill("SIGTERM");
      }
      if (captures < rounds) throw new Error(`the agent of ${host} ended early:\n${printed}`);
    });
    await Promise.all(deliveries);
  } finally {
    for (const agent of agents) agent.kill("SIGKILL");
    await logs.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds to the counters of /proc/stat what they grew by between the two looks that were captured. */
function letProcessorsRun(root: string): void {
  const [now, first, second] = ["stat", "stat.first", "stat.again"].map((name) => join(root, "proc", name));
  if (now === undefined || first === undefined || second === undefined || !existsSync(second)) return;
  if (!existsSync(first)) cpSync(now, first);
  const numbers = (file: string) => readFileSync(file, "utf8").split(/(\d+)/);
  const [before, after] = [numbers(first), numbers(second)];
  const grown = numbers(now).map((text, i) =>
    i % 2 === 0 ? text : `${Number(text) + Number(after[i]) - Number(before[i])}`,
  );
  writeFileSync(now, grown.join(""));
}

/** Adds what a fixture lacks because its test runs without HOST_ROOT: process 1, and the time that has passed. */
function completeTree(root: string): void {
  const mounts = (process: string) => join(root, "proc", process, "mountinfo");
  if (existsSync(mounts("self"))) cpSync(mounts("self"), mounts("1"));
  mkdirSync(join(root, "proc"), { recursive: true });
  symlinkSync("/proc/uptime", join(root, "proc/uptime"));
}

/** Writes the programs of a device, which print what was captured. Returns their folder. */
function writePrograms(root: string): string {
  const folder = join(root, "programs");
  mkdirSync(folder);
  const lines = (name: string) => join(root, "lines", `${name}.txt`);
  const programs = {
    vcgencmd: `#!/bin/sh\ncat '${lines("vcgencmd")}'\n`,
    tegrastats: `#!/bin/sh\nwhile cat '${lines("tegrastats")}'; do sleep 1; done\n`,
  };
  for (const [name, text] of Object.entries(programs)) {
    if (!existsSync(lines(name))) continue;
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
