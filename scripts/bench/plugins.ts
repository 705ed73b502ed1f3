import { builtInPlugins } from "../../src/start/built-in-plugins.ts";
import { inChild, type Measurement } from "./measurement.ts";
import { measureAgent } from "./plugins-agent.ts";
import type { CaptureCost, CaptureJob } from "./plugins-child.ts";
import { measureExporter } from "./plugins-exporter.ts";
import { groupsStage, type Stage, stages } from "./plugins-stages.ts";
import { printMeasurements } from "./print-measurements.ts";

const idleSeconds = Number(process.env.BENCH_IDLE_SECONDS ?? 120);
const CAPTURES = 200;
const MANY = 200;

const measurements: Measurement[] = [];
for (const name of Object.keys(builtInPlugins)) {
  const prepare = stages[name];
  if (prepare === undefined) throw new Error(`scripts/bench/plugins-stages.ts has no stage for ${name}`);
  const measured = await measureCapture(prepare);
  measurements.push(captureRow(measured));
  if (name === "host") measurements.push(exporterRow(measured, await measureExporter()));
}
for (const files of [false, true]) {
  const many = await measureCapture(() => groupsStage(MANY, files));
  measurements.push({ ...captureRow(many), aim: "< 30 ms, 0 programs" });
}
measurements.push(...(await measureAgent(idleSeconds)));
printMeasurements(measurements);

type Measured = CaptureCost & Pick<Stage, "plugin" | "setting">;

async function measureCapture(prepare: () => Promise<Stage>): Promise<Measured> {
  await using stage = await prepare();
  const { plugin, setting, job } = stage;
  const whole: CaptureJob = { ...job, plugin, captures: CAPTURES };
  return { plugin, setting, ...(await inChild<CaptureCost>("plugins-child.ts", JSON.stringify(whole))) };
}

function captureRow({ plugin, setting, cpu, points, programs }: Measured): Measurement {
  return {
    what: `${plugin}: CPU per capture (${setting})`,
    chouette: milliseconds(cpu),
    beside: `${points} points, ${programs} programs started`,
    aim: "0 programs",
  };
}

function exporterRow({ cpu }: Measured, exporter: number): Measurement {
  return {
    what: "host: the same, compared with a scrape of cpu, meminfo, loadavg, filesystem",
    chouette: milliseconds(cpu),
    beside: `${milliseconds(exporter)} node exporter`,
    ratio: cpu / exporter,
    aim: "<= 1",
  };
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(2)} ms`;
}
