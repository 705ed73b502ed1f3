import { readFileSync } from "node:fs";
import { startIntake } from "../servers/intake.ts";
import { processUsage } from "./process-usage.ts";

export type AgentRun = { seconds: number; cpu: number; wire: number; logs: number; peak: number };

/** Starts the executable, does what `begin` does, and measures until it is done. `peak` is the most memory so far, in bytes. */
export async function runAgent(
  directory: string,
  settings: Readonly<Record<string, string>>,
  begin: () => void,
  done: (logs: number, peak: number) => boolean,
): Promise<AgentRun> {
  let wire = 0;
  let logs = 0;
  let wake = () => {};
  const intake = await startIntake({
    apiKey: "bench",
    script: ({ path, wireBytes, body }) => {
      if (!path.includes("logs")) return undefined;
      wire += wireBytes;
      logs += body.split('"message":').length - 1;
      wake();
      return { status: 202, body: "{}" };
    },
  });
  const agent = Bun.spawn([`dist/chouette-${process.platform}-${process.arch}`, "run"], {
    env: {
      API_KEY: "bench",
      DATADOG_URL: `${intake.url}/api`,
      DATADOG_LOGS_URL: intake.url,
      CHOUETTE_STATE_DIR: `${directory}/state`,
      DOGSTATSD: "false",
      RELEASE_INTERVAL: "1",
      SEND_SELF_METRICS: "false",
      LOG_LEVEL: "error",
      ...settings,
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    await Bun.sleep(4000);
    const before = processUsage(agent.pid).cpu;
    const start = performance.now();
    begin();
    const peak = () =>
      Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"))?.[1]) * 1024;
    while (!done(logs, peak())) {
      const next = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([next, Bun.sleep(1000)]);
    }
    const seconds = (performance.now() - start) / 1000;
    const cpu = processUsage(agent.pid).cpu - before;
    return { seconds, cpu, wire, logs, peak: peak() };
  } finally {
    agent.kill();
    await agent.exited;
    await intake.stop();
  }
}
