import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIntake } from "../servers/intake.ts";
import type { Measurement } from "./measurement.ts";
import { groupsStage, startContainers } from "./plugins-stages.ts";
import { processUsage } from "./process-usage.ts";

const GROUPS = 40;
const DAY = 86_400;

/**
 * Measures the executable with every plugin of a Raspberry Pi that runs Docker, at the default intervals and extrapolated to a
 * day, and at the same time the executable without plugins.
 */
export async function measureAgent(seconds: number): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), "chouette-bench-"));
  await using engine = await startContainers();
  await using groups = await groupsStage(GROUPS);
  try {
    await using pi = await startAgent(join(directory, "with"), {
      COLLECT_PLUGINS: "host rpi cgroups docker",
      DOCKER_SOCKET_PATH: engine.socketPath,
      HOST_ROOT: makePi(join(directory, "pi"), groups.job.root),
    });
    await using bare = await startAgent(join(directory, "without"), {});
    await Bun.sleep(10_000);
    const begin = { pi: pi.usage(), bare: bare.usage() };
    await Bun.sleep(seconds * 1000);
    const end = { pi: pi.usage(), bare: bare.usage() };
    const perDay = (agent: "pi" | "bare", key: keyof Usage) =>
      ((end[agent][key] - begin[agent][key]) / seconds) * DAY;
    const row = (what: string, key: keyof Usage, unit: number, name: string, aim: string): Measurement => ({
      what: `agent with host, rpi, cgroups (${GROUPS}), docker (10): ${what} in 24 h, from ${seconds} s`,
      chouette: `${(perDay("pi", key) / unit).toFixed(1)} ${name}`,
      beside: `${(perDay("bare", key) / unit).toFixed(1)} ${name} without plugins`,
      aim,
    });
    return [
      row("CPU", "cpu", 1, "s", "< 0.5 % of a core (432 s)"),
      row("written to disk", "written", 1e6, "MB", "few"),
      row("sent", "sent", 1e6, "MB", "few"),
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** CPU seconds and bytes since the start: written to disk and sent to the intake. */
type Usage = { cpu: number; written: number; sent: number };

/** Starts the executable, with a local intake that accepts everything. */
async function startAgent(
  stateDirectory: string,
  env: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { usage(): Usage }> {
  let sent = 0;
  const intake = await startIntake({
    apiKey: "bench",
    script: ({ wireBytes }) => {
      sent += wireBytes;
      return undefined;
    },
  });
  const { url } = intake;
  const agent = Bun.spawn([`dist/chouette-${process.platform}-${process.arch}`, "run"], {
    env: {
      API_KEY: "bench",
      DATADOG_URL: `${url}/api`,
      DATADOG_LOGS_URL: url,
      CHOUETTE_STATE_DIR: stateDirectory,
      LOG_LEVEL: "error",
      ...env,
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  return {
    usage: () => ({ ...processUsage(agent.pid), sent }),
    async [Symbol.asyncDispose]() {
      agent.kill();
      await agent.exited;
      void intake.stop();
    },
  };
}

/** Makes the HOST_ROOT of a Compute Module 4 with the processes, disks and control groups of this machine. */
function makePi(root: string, groupsRoot: string): string {
  cpSync("test/fixtures/rpi/cm4-emmc/sys", join(root, "sys"), { recursive: true });
  mkdirSync(join(root, "sys/fs"));
  symlinkSync(join(groupsRoot, "sys/fs/cgroup"), join(root, "sys/fs/cgroup"));
  symlinkSync(join(groupsRoot, "proc"), join(root, "proc"));
  return root;
}
