import { describe, expect, test } from "bun:test";
import { strToU8, zlibSync } from "fflate";
import { dryRunIntake } from "../../src/commands/dry-run-intake.ts";
import { intakeUrls } from "../../src/config/intake-urls.ts";
import { encodeLog } from "../../src/datadog/logs.ts";
import { encodeSeries } from "../../src/datadog/series.ts";
import type { Point } from "../../src/model.ts";

const AT = 1_591_541_270;
const urls = intakeUrls(
  { metrics: "https://api.example", logs: "https://logs.example" },
  { metrics: 1, logs: 2 },
);
const sender = { host: "pi4", globalTags: ["env:prod"] };
const points: Point[] = [
  {
    metric: "my.count",
    type: "count",
    tags: ["env:prod", "zone:a"],
    timestamp: AT + 10,
    value: 3,
    interval: 10,
  },
  {
    metric: "Chouette.host.memory.used",
    type: "gauge",
    tags: ["env:prod"],
    timestamp: AT,
    value: 669_500_000,
  },
  { metric: "my.count", type: "count", tags: ["env:prod", "zone:a"], timestamp: AT, value: 12, interval: 10 },
  { metric: "my.rate", type: "rate", tags: ["env:prod"], timestamp: AT, value: 1.5, interval: 10 },
];

/** Posts a payload to the dry-run intake, which accepts it, and returns what that prints. */
async function printed(
  track: "series" | "logs",
  text: string,
  width = Number.POSITIVE_INFINITY,
): Promise<string> {
  let output = "";
  const intake = dryRunIntake(
    (text) => {
      output += text;
    },
    width,
    urls,
  );
  const payload = zlibSync(strToU8(text));
  const delivery = await intake.post(track, payload, new AbortController().signal);
  expect(delivery).toEqual({ outcome: "accepted", status: 202, error: "" });
  await intake.close();
  return output.replace(`(${payload.length} B compressed)`, "(N B compressed)");
}

describe("series", () => {
  const table = [
    "UTC       METRIC                     TYPE      VALUE  TAGS",
    "14:47:50  Chouette.host.memory.used  gauge  669.5 MB  env:prod",
    "14:47:50  my.count                   count        12  env:prod zone:a",
    "14:48:00  my.count                   count         3  env:prod zone:a",
    "14:47:50  my.rate                    rate        1.5  env:prod",
  ];

  test.each([1, 2] as const)(
    "of version %d are printed one point per line, by name, tags and time",
    async (version) => {
      expect(await printed("series", encodeSeries(points, { host: sender.host, version }))).toBe(
        [
          "would send 4 points of 3 series (N B compressed) to https://api.example/v1/series",
          ...table,
          "",
          "",
        ].join("\n"),
      );
    },
  );

  test("with a timestamp in milliseconds are printed with the bare number", async () => {
    const stray = [1e17, AT * 1000].map(
      (timestamp): Point => ({ metric: "m", type: "gauge", tags: [], timestamp, value: 1 }),
    );
    expect(await printed("series", encodeSeries(stray, { host: "pi4", version: 1 }))).toBe(
      [
        "would send 2 points of 1 series (N B compressed) to https://api.example/v1/series",
        "UTC                 METRIC  TYPE   VALUE  TAGS",
        "1591541270000       m       gauge      1",
        "100000000000000000  m       gauge      1",
        "",
        "",
      ].join("\n"),
    );
  });
});

describe("logs", () => {
  const lines = (...logs: Record<string, unknown>[]) =>
    printed("logs", `[${logs.map((log) => encodeLog(log, sender)).join(",")}]`);

  test("are printed one per line", async () => {
    const logs = [
      { date: "2020-06-07T15:07:50Z", level: "INFO", service: "my-app", message: { msg: "started" } },
      { level: "ERROR", service: "other", message: "it \u001b[31mburns\n" },
    ];
    expect(await lines(...logs)).toBe(
      [
        "would send 2 logs (N B compressed) to https://logs.example/api/v2/logs",
        "STATUS  SERVICE  MESSAGE",
        "info    my-app   started",
        "error   other    it \\u001b[31mburns\\u000a",
        "",
        "",
      ].join("\n"),
    );
  });

  test("are printed whatever an application put into their fields", async () => {
    const logs = [
      { status: 5, service: null, message: { text: "no msg" } },
      { service: ["a"], message: 7 },
      { message: "x".repeat(150) },
      {},
      { msg: "started", port: 80, timestamp: 1_700_000_000_000, ddtags: "a:b", hostname: "pi" },
    ];
    expect(await lines(...logs)).toBe(
      [
        "would send 5 logs (N B compressed) to https://logs.example/api/v2/logs",
        "STATUS  SERVICE  MESSAGE",
        '5                {"text":"no msg"}',
        '        ["a"]    7',
        `                 ${"x".repeat(100)}…`,
        "",
        '                 {"msg":"started","port":80}',
        "",
        "",
      ].join("\n"),
    );
  });
});
