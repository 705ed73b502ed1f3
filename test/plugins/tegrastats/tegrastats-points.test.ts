import { expect, test } from "bun:test";
import { gauge } from "../../../src/model.ts";
import { parseTegrastats } from "../../../src/plugins/tegrastats/parse-tegrastats.ts";
import { GROUPS, tegrastatsPoints } from "../../../src/plugins/tegrastats/tegrastats-points.ts";

const AT = 1_700_000_000;
const points = (line: string) =>
  GROUPS.flatMap((group) => tegrastatsPoints(parseTegrastats(line), group, AT));

test("a line that says nothing gives nothing", () => {
  expect(points("")).toEqual([]);
});

test("zero is a value", () => {
  expect(points("RAM 0/0MB SWAP 0/0MB CPU [0%@102] EMC_FREQ 0% GR3D_FREQ 0%@0 AO@0C VDD_IN 0/0")).toEqual([
    gauge("Chouette.tegrastats.ram.used", 0, AT),
    gauge("Chouette.tegrastats.ram.free", 0, AT),
    gauge("Chouette.tegrastats.temperature", 0, AT, ["zone:AO"]),
    gauge("Chouette.tegrastats.swap.used", 0, AT),
    gauge("Chouette.tegrastats.swap.free", 0, AT),
    gauge("Chouette.tegrastats.cpu.percentage", 0, AT, ["core:0"]),
    gauge("Chouette.tegrastats.gpu.percentage", 0, AT),
    gauge("Chouette.tegrastats.gpu.frequency", 0, AT),
    gauge("Chouette.tegrastats.emc.percentage", 0, AT),
    gauge("Chouette.tegrastats.power", 0, AT, ["rail:VDD_IN"]),
  ]);
});

test("below zero is a temperature, the constants of PMIC and of sleeping zones are not", () => {
  expect(points("AO@-12.5C PMIC@100C PMIC2@50C pmic@20C GPU@-256C")).toEqual([
    gauge("Chouette.tegrastats.temperature", -12.5, AT, ["zone:AO"]),
  ]);
});

test("the frequency is that of the fastest cluster", () => {
  expect(points("GR3D_FREQ @[314,1300,0]")).toEqual([
    gauge("Chouette.tegrastats.gpu.frequency", 1_300_000_000, AT),
  ]);
});

test("a core that is off and a rail that is not connected are left out", () => {
  expect(points("CPU [off,off] NC 0mW/0mW")).toEqual([]);
});
