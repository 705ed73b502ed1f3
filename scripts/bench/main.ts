import { measureDispatch } from "./dispatch.ts";
import { measureDrains } from "./drain.ts";
import { measureIdle } from "./idle.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";
import { measureStart } from "./start.ts";

const records = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const idleSeconds = Number(process.env.BENCH_IDLE_SECONDS ?? 180);

const measurements: Measurement[] = [];
for (const measure of [
  () => measureStart(),
  () => measureDispatch(),
  () => measureDrains("redis", records),
  () => measureDrains("sqlite", records),
  () => measureIdle(idleSeconds),
]) {
  measurements.push(...(await measure()));
}
printMeasurements(measurements);
