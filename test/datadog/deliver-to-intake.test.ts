import { afterEach, beforeEach, expect, test } from "bun:test";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { intakeUrls } from "../../src/config/intake-urls.ts";
import { deliver } from "../../src/datadog/deliver.ts";
import type { Intake } from "../../src/datadog/delivery.ts";
import type { Encoding } from "../../src/datadog/encoding.ts";
import { createIntake } from "../../src/datadog/http/intake.ts";
import { encodeLog } from "../../src/datadog/logs.ts";
import { compress, LIMITS } from "../../src/datadog/payload.ts";
import { encodeSeries } from "../../src/datadog/series.ts";
import type { Point } from "../../src/model.ts";
import type { Log } from "../../src/records/log.ts";

const OPTIONS = { host: "pi", globalTags: ["env:test"] };

let server: IntakeServer;
let intake: Intake;
beforeEach(async () => {
  server = await startIntake();
});
afterEach(async () => {
  await intake.close();
  await server.stop();
});

function seriesOf(version: 1 | 2): Encoding<Point> {
  return {
    track: "series",
    limits: LIMITS.series[version],
    encode: (points) => encodeSeries(points, { host: OPTIONS.host, version }),
  };
}

function logsOf(version: 1 | 2): Encoding<Log> {
  return {
    track: "logs",
    limits: LIMITS.logs[version],
    encode: (logs) => `[${logs.map((log) => encodeLog(log, OPTIONS)).join(",")}]`,
  };
}

function connect(version: 1 | 2, apiKey = "test-key"): Intake {
  intake = createIntake({
    urls: intakeUrls({ metrics: `${server.url}/api`, logs: server.url }, { metrics: version, logs: version }),
    apiKey,
    version: "1.2.3",
    requestTimeout: 30,
  });
  return intake;
}

async function send<T>(values: readonly T[], encoding: Encoding<T>, apiKey?: string) {
  const version = encoding.limits === LIMITS[encoding.track === "logs" ? "logs" : "series"][1] ? 1 : 2;
  const accepted: T[] = [];
  const rejected: [T, string][] = [];
  let bytes = 0;
  const result = await deliver(
    values.map((value, index) => ({ key: String(index), value, weight: 1 })),
    encoding,
    connect(version, apiKey),
    {
      accepted: async (items, size) => {
        accepted.push(...items.map(({ value }) => value));
        bytes += size;
      },
      rejected: async ({ value }, reason) => void rejected.push([value, reason]),
    },
    new AbortController().signal,
  );
  return { result, accepted, rejected, bytes };
}

function points(length: number): Point[] {
  return Array.from({ length }, (_, i) => ({
    metric: `my.count.${i % 7}`,
    tags: [`zone:${i % 3}`],
    timestamp: 1_600_000_000 + i,
    value: i,
    type: "count",
    interval: 10,
  }));
}

test.each([1, 2] as const)("v%i: 25,000 points arrive in three requests", async (version) => {
  const sent = points(25_000);
  const { result, accepted, bytes } = await send(sent, seriesOf(version));
  expect(result).toEqual({ outcome: "accepted", status: 202, error: "" });
  expect(accepted).toEqual(sent);
  expect(server.requests.length).toBe(3);
  expect(bytes).toBe(server.requests.reduce((sum, { wireBytes }) => sum + wireBytes, 0));
  expect(server.series.size).toBe(21);
  const sum = [0, 1, 2, 3, 4, 5, 6].reduce((total, i) => total + server.sumOf(`my.count.${i}`), 0);
  expect(sum).toBe((25_000 * 24_999) / 2);
  expect(server.conflicts).toEqual([]);
});

test.each([1, 2] as const)("v%i: 2,500 logs arrive in three requests", async (version) => {
  const sent = Array.from({ length: 2500 }, (_, i) => ({
    message: `line ${i}`,
    ddtags: ["a:b"],
    level: "INFO",
  }));
  const { result, accepted } = await send<Log>(sent, logsOf(version));
  expect(result.outcome).toBe("accepted");
  expect(accepted).toEqual(sent);
  expect(server.requests.length).toBe(3);
  expect(server.logs.length).toBe(2500);
  expect(server.logs[2499]).toEqual({
    message: "line 2499",
    ddtags: "a:b,env:test",
    level: "INFO",
    hostname: "pi",
    status: "info",
  });
});

test("logs of more than five megabytes together are split, one that is too large is cut, one that cannot be is rejected", async () => {
  const large = Array.from({ length: 12 }, (_, i) => ({ message: `${i}`.repeat(450_000) }));
  const [over, never] = [{ message: "x".repeat(3_000_000) }, { attribute: "x".repeat(1_500_000) }];
  const { result, rejected } = await send<Log>([...large, over, never], logsOf(2));
  expect(result.outcome).toBe("accepted");
  expect(server.logs.length).toBe(13);
  expect(rejected).toEqual([
    [never, expect.stringMatching(/^cannot be encoded: the log is 15000\d\d bytes/)],
  ]);
  for (const { rawBytes } of server.requests) expect(rawBytes).toBeLessThanOrEqual(5_000_000);
});

test("a bad series is found among good ones, with the intake's reason", async () => {
  const bad: Point = { metric: "no name", tags: [], timestamp: 1, value: 1, type: "gauge" };
  const sent = [...points(20), bad, ...points(40).slice(20)];
  const { result, accepted, rejected } = await send(sent, seriesOf(1));
  expect(result.outcome).toBe("accepted");
  expect(accepted.length).toBe(40);
  expect(rejected).toEqual([[bad, expect.stringMatching(/\(400\); it said: .*no name/)]]);
  expect(server.conflicts).toEqual([]);
});

test("a wrong key keeps everything", async () => {
  const { result, accepted, rejected } = await send(points(3), seriesOf(1), "another-key");
  expect(result).toMatchObject({
    outcome: "hold",
    status: 403,
    error: expect.stringMatching(/check API_KEY/),
  });
  expect([accepted, rejected, server.series.size]).toEqual([[], [], 0]);
});

test("sending the same again after a lost answer changes nothing", async () => {
  const sent = points(100);
  server.respond(() => "lost");
  const lost = await send(sent, seriesOf(1));
  expect([lost.result.outcome, lost.accepted]).toEqual(["retry", []]);
  const before = structuredClone(server.series);
  server.respond(() => undefined);
  await intake.close();
  expect((await send(sent, seriesOf(1))).accepted).toEqual(sent);
  expect(server.series).toEqual(before);
  expect(server.conflicts).toEqual([]);
});

test.each<[string, Record<string, unknown>[] | string, number]>([
  ["no metric", [{ points: [[1, 1]] }], 400],
  ["no points", [{ metric: "m", points: [] }], 400],
  ["a text for a value", [{ metric: "m", points: [[1, "1"]] }], 400],
  ["a fraction of a second", [{ metric: "m", points: [[1.5, 1]] }], 400],
  ["an unknown type", [{ metric: "m", points: [[1, 1]], type: "set" }], 400],
  ["no list", "text", 400],
  ["a good one", [{ metric: "m", points: [[1, 1]] }], 202],
])("the stand-in for Datadog is strict: %s", async (_, series, status) => {
  const payload = compress(new TextEncoder().encode(JSON.stringify({ series })));
  expect((await connect(1).post("series", payload, new AbortController().signal)).status).toBe(status);
});
