import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { loadOwnWrapper } from "../../src/aggregate/own-wrapper.ts";
import type { Merged } from "../../src/aggregate/wrapper.ts";
import { ConfigError } from "../../src/errors.ts";

const merged: Merged = {
  metric: "my.time",
  type: "histogram",
  tags: ["a:b"],
  interval: 10,
  values: [3, 1, 8],
};
const exporting = (module: unknown) => loadOwnWrapper("/etc/chouette/own.js", async () => module);
const refusal = (loading: Promise<unknown>) =>
  loading.then(
    () => "loaded",
    (error: unknown) => (error instanceof ConfigError ? error.issues : error),
  );

describe("the README's example", () => {
  const path = join(import.meta.dir, "..", "fixtures", "own-wrapper", "extremes.js");

  test("converts the metrics of a window", async () => {
    const wrap = await loadOwnWrapper(path, (path) => import(path));
    expect(wrap({ ...merged, type: "count" })).toEqual([
      { metric: "my.time", type: "count", value: 12, interval: 10 },
    ]);
    expect(wrap(merged)).toEqual([
      { metric: "my.time", type: "gauge", value: 4 },
      { metric: "my.time.min", type: "gauge", value: 1 },
      { metric: "my.time.max", type: "gauge", value: 8 },
    ]);
  });
});

describe("a module that cannot be used is a mistake in the configuration", () => {
  test("a missing module", async () => {
    const loading = loadOwnWrapper("/nowhere/own.js", (path) => import(path));
    expect(await refusal(loading)).toEqual([
      expect.stringMatching(/^METRICS_WRAPPER: cannot load \/nowhere\/own\.js: /),
    ]);
  });

  test.each([[{}], [{ default: 5 }], [undefined], [{ wrap: () => [] }]])(
    "a module that exports %p",
    async (module) => {
      expect(await refusal(exporting(module))).toEqual([
        "METRICS_WRAPPER: /etc/chouette/own.js has no default export that is a function: export default (merged) => [...]",
      ]);
    },
  );

  test("a module that throws a value that is not an Error", async () => {
    const throwing = loadOwnWrapper("/etc/chouette/own.js", () => Promise.reject("no"));
    expect(await refusal(throwing)).toEqual(["METRICS_WRAPPER: cannot load /etc/chouette/own.js: no"]);
  });
});

describe("the result of a custom wrapper", () => {
  test.each([
    [[]],
    [[{ metric: "a", type: "rate", value: 0, interval: 10 }]],
    [[{ metric: "a", type: "gauge", value: -1.5 }]],
  ])("may be %j", async (wrapped) => {
    const wrap = await exporting({ default: () => wrapped });
    expect(wrap(merged)).toEqual(wrapped as ReturnType<typeof wrap>);
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [{ metric: "a", type: "gauge", value: 1 }, '{"metric":"a","type":"gauge","value":1}'],
    [[null], "[null]"],
    [[{ metric: "a", type: "histogram", value: 1 }], '[{"metric":"a","type":"histogram","value":1}]'],
    [[{ metric: 1, type: "gauge", value: 1 }], '[{"metric":1,"type":"gauge","value":1}]'],
    [[{ metric: "a", type: "gauge", value: "1" }], '[{"metric":"a","type":"gauge","value":"1"}]'],
    [[{ metric: "a", type: "count", value: 1, interval: "10" }], expect.any(String)],
  ])("may not be %j", async (wrapped, shown) => {
    const wrap = await exporting({ default: () => wrapped });
    expect(() => wrap(merged)).toThrow(TypeError);
    if (typeof shown === "string")
      expect(() => wrap(merged)).toThrow(
        `/etc/chouette/own.js returned ${shown}, expected [{ metric, type, value }]`,
      );
  });
});
