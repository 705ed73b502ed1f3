import { readFileSync, rmSync } from "node:fs";
import { startIntake } from "../servers/intake.ts";
import type { Measurement } from "./measurement.ts";
import { processUsage } from "./process-usage.ts";

/** Measures the idle executable as on a device: host plugin every 30 s, embedded storage, one delivery a minute to a local intake. */
export async function measureIdle(seconds: number): Promise<Measurement[]> {
  const directory = (await Bun.$`mktemp -d`.text()).trim();
  // Named, because this may run in a container, where the agent takes none by itself.
  const ram = (await Bun.$`mktemp -d /dev/shm/chouette-bench-XXXXXX`.text()).trim();
  let wire = 0;
  const intake = await startIntake({
    apiKey: "bench",
    script: ({ wireBytes }) => {
      wire += wireBytes;
      return undefined;
    },
  });
  const { url } = intake;
  const env = {
    API_KEY: "bench",
    DATADOG_URL: `${url}/api`,
    DATADOG_LOGS_URL: url,
    CHOUETTE_STATE_DIR: directory,
    CHOUETTE_RUNTIME_DIR: ram,
    COLLECT_PLUGINS: "host",
    LOG_LEVEL: "error",
  };
  const agent = Bun.spawn([`dist/chouette-${process.platform}-${process.arch}`, "run"], {
    env,
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    await Bun.sleep(10_000);
    const begin = sample(agent.pid);
    const wireBegin = wire;
    await Bun.sleep(seconds * 1000);
    const end = sample(agent.pid);
    const perHour = 3600 / seconds;
    const row = (what: string, chouette: string, aim: string): Measurement => ({
      what: `idle: ${what}`,
      chouette,
      beside: `over ${seconds} s`,
      aim,
    });
    return [
      row("RSS", `${(end.rss / 1e6).toFixed(1)} MB`, "<= 52 MB"),
      row("anonymous RSS", `${(end.anonymous / 1e6).toFixed(1)} MB`, "<= 10.5 MB"),
      row("CPU seconds per hour", `${((end.cpu - begin.cpu) * perHour).toFixed(1)} s`, "<= 1.2 s"),
      row(
        "written to disk per hour",
        `${(((end.written - begin.written) * perHour) / 1e6).toFixed(1)} MB`,
        "few",
      ),
      row("sent per hour", `${(((wire - wireBegin) * perHour) / 1e3).toFixed(0)} kB`, "few"),
    ];
  } finally {
    agent.kill();
    await agent.exited;
    await intake.stop();
    for (const made of [directory, ram]) rmSync(made, { recursive: true });
  }
}

/** Reads CPU seconds, bytes written, and the memory in /proc/PID/smaps_rollup (proc(5)) in bytes. */
function sample(pid: number): { rss: number; anonymous: number; cpu: number; written: number } {
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(memory)?.[1]) * 1024;
  return { ...processUsage(pid), rss: bytes("Rss"), anonymous: bytes("Anonymous") };
}
