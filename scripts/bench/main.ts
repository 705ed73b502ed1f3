import { formatTable } from "../../src/commands/table.ts";
import { measureDispatch } from "./dispatch.ts";
import { measureDrains } from "./drain.ts";
import { measureIdle } from "./idle.ts";
import type { Measurement } from "./measurement.ts";
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

const rows = measurements.map((it) => [it.what, it.chouette, it.beside, it.ratio?.toFixed(2) ?? "", it.aim]);
console.log(
  formatTable(
    [
      { title: "WHAT" },
      { title: "CHOUETTE", right: true },
      { title: "BESIDE", right: true },
      { title: "RATIO", right: true },
      { title: "AIM" },
    ],
    rows,
  ),
);
console.log(
  JSON.stringify({
    machine: { cpus: navigator.hardwareConcurrency, arch: process.arch, bun: Bun.version },
    measurements,
  }),
);
