import { formatTable } from "../../src/terminal/table.ts";
import type { Measurement } from "./measurement.ts";

/** Prints a table for people and a line of JSON for programs. */
export function printMeasurements(measurements: readonly Measurement[]): void {
  const columns = [
    { title: "WHAT" },
    { title: "CHOUETTE", right: true },
    { title: "BESIDE", right: true },
    { title: "RATIO", right: true },
    { title: "AIM" },
  ];
  const rows = measurements.map((it) => [
    it.what,
    it.chouette,
    it.beside,
    it.ratio?.toFixed(2) ?? "",
    it.aim,
  ]);
  const machine = { cpus: navigator.hardwareConcurrency, arch: process.arch, bun: Bun.version };
  console.log(formatTable(columns, rows));
  console.log(JSON.stringify({ machine, measurements }));
}
