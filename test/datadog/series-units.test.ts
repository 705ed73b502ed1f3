import { expect, test } from "bun:test";
import { encodeSeries } from "../../src/datadog/series.ts";
import { gauge } from "../../src/model.ts";

test.each([
  [2, "byte"],
  [1, undefined],
] as const)(
  "in v%d memory of Chouette has the unit %p, and a metric of an application none",
  (version, unit) => {
    const points = [gauge("Chouette.host.memory.used", 1, 5), gauge("room.temperature", 21, 5)];
    const { series } = JSON.parse(encodeSeries(points, { host: "pi", version }));
    expect(series.map((one: { unit?: string }) => one.unit)).toEqual([unit, undefined]);
  },
);
