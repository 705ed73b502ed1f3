import { argv } from "node:process";
import { datadogWrapper } from "../../src/aggregate/datadog-wrapper.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Delivery, Intake } from "../../src/datadog/delivery.ts";
import type { Pace } from "../../src/jobs/jobs.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import { gauge, type Point } from "../../src/model.ts";
import type { Clock } from "../../src/schedule/clock.ts";
import { appJobs } from "../../src/start/components.ts";
import { openEmbedded } from "../../src/storage/spool/open-spool.ts";

/**
 * Runs the jobs of an agent through a day by a clock of its own, and prints what it did: state directory, directory in RAM,
 * DURABILITY, share of the day from its start in which the network is down, hours.
 */
const [state = "", ram = "", durability = "", down = "0", hours = "24"] = argv.slice(2);
const SECONDS = Number(hours) * 3600;
const BEGIN = 1_780_000_020;

let time = BEGIN;
const clock: Clock = {
  now: () => time,
  monotonic: () => time - BEGIN,
  sleep: async (seconds, signal) => {
    if (seconds > 0 && !signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
};

const ACCEPTED: Delivery = { outcome: "accepted", status: 202, error: "" };
const UNREACHABLE: Delivery = { outcome: "retry", status: 0, error: "the network is down" };
let delivered = 0;
const answer = () => (time - BEGIN < Number(down) * SECONDS ? UNREACHABLE : ACCEPTED);
const intake = {
  post: async () => {
    if (answer() === ACCEPTED) delivered++;
    return answer();
  },
} as unknown as Intake;

/** The points of the plugin `host` on a Raspberry Pi with a card of two filesystems. */
function host(at: number): Point[] {
  const bytes = () => Math.floor(Math.random() * 4e9);
  const ofDevice = ["/dev/mmcblk0p1", "/dev/mmcblk0p2"].flatMap((device) => [
    gauge("Chouette.host.fs.used", bytes(), at, [`device:${device}`]),
    gauge("Chouette.host.fs.free", bytes(), at, [`device:${device}`]),
  ]);
  return [
    gauge("Chouette.host.cpu.percentage", Math.round(Math.random() * 1000) / 10, at),
    gauge("Chouette.host.la", Math.round(Math.random() * 100) / 100, at, ["period:1m"]),
    gauge("Chouette.host.memory.used", bytes(), at),
    gauge("Chouette.host.memory.available", bytes(), at),
    ...ofDevice,
  ];
}

const config = loadConfig(
  { API_KEY: "0123456789abcdef0123456789abcdef", HOST: "bench" },
  { hostname: "bench", home: state, readText: () => "", readCertificates: () => [] },
  { pluginVariables: {}, requireApiKey: true },
);
let keys = 0;
const storage = await openEmbedded(
  {
    card: `${state}/chouette.db`,
    named: ram,
    userRuntime: undefined,
    strict: durability === "strict",
    maxBytes: 256_000_000,
  },
  {
    now: clock.now,
    monotonic: clock.monotonic,
    owner: "bench",
    fateOf: () => "unknown",
    newKey: () => `step-${keys++}`,
    left: async () => undefined,
    warn: (message) => console.error(message),
    onCard: (_, error) => console.error(error),
    onOverflow: () => {},
  },
  "agent",
);
const pace: Pace = {
  openWindow: false,
  paced: true,
  selfMetrics: true,
  patience: 0,
  seconds: 48,
  letFinish: true,
  until: Number.POSITIVE_INFINITY,
  longestPause: 0,
  attempts: 1,
};
const plugins = [
  supervise("host", { collect: async (at) => ({ points: host(at) }) }, clock, {
    seconds: 10,
    maxPoints: 100,
  }),
];
const wrapper = datadogWrapper({ aggregates: ["max", "count"], percentiles: [] });
const jobs = appJobs(config, { clock, storage, intake, outbox: createOutbox(), plugins, wrapper }, pace, {
  plugin: () => {},
  aggregating: () => {},
  aggregated: () => {},
  sending: () => {},
  sent: () => {},
  repaired: (what) => console.error(what),
  manyTags: () => {},
});

const never = new AbortController().signal;
for (; time < BEGIN + SECONDS; time++) {
  const second = time - BEGIN;
  if (second % config.captureInterval === 0) await jobs.collect.run(time, never);
  if (second % config.aggregateInterval === 0) await jobs.aggregate.run(time, never);
  if (second % config.releaseInterval === 11) for (const job of jobs.sends) await job.run(time, never);
}
const waiting = await storage.weight("chouette:metrics:wrapped");
await storage.close();
console.log(JSON.stringify({ delivered, waiting }));
