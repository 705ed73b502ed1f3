import { strFromU8, unzlibSync } from "fflate";
import { intakeUrls } from "../../src/config/intake-urls.ts";
import type { Intake } from "../../src/datadog/delivery.ts";
import { createIntake } from "../../src/datadog/http/intake.ts";
import { createSend } from "../../src/jobs/send.ts";
import { metricsTrack } from "../../src/jobs/track.ts";
import { gauge } from "../../src/model.ts";
import { pointRecords } from "../../src/records/group-points.ts";
import { recordKey } from "../../src/records/key.ts";
import { type Clock, systemClock } from "../../src/schedule/clock.ts";
import { openSqlite } from "../../src/storage/sqlite/sqlite.ts";
import { startIntake } from "./intake.ts";
import { type LinkOptions, startSlowLink } from "./slow-link.ts";

/** An outage of a device, and the link over which it delivers afterwards. */
export type Outage = Pick<LinkOptions, "fault" | "largestPacket"> & {
  /** Of the link, each way. */
  bytesPerSecond: number;
  /** Seconds without a network, and series that are captured every 30 s. */
  seconds: number;
  series: number;
  /** Releases afterwards, one a minute. */
  releases: number;
  /** How much faster than the wall clock time passes, for the device and the link alike. */
  factor: number;
};

export type AfterOutage = {
  /** By release: the age of the newest point that arrived, points younger than two minutes that are missing, points that arrived. */
  releases: { newestAge: number; liveMissing: number; delivered: number }[];
  /** Points that were sent, with those that were sent again, and those that arrived. */
  sent: number;
  arrived: number;
  /** Values that replaced others: what must never happen. */
  conflicts: number;
};

const QUEUE = "chouette:metrics:wrapped";
const CAPTURE = 30;
const RELEASE = 60;
const START = 1_780_000_020;

/** Fills a queue as an outage does, then releases it over the link with real sockets. The network is down in the first release. */
export async function afterOutage(outage: Outage): Promise<AfterOutage> {
  const { seconds, series, factor } = outage;
  // A second before the first release.
  const clock = fastClock(START + seconds - 1, factor);
  const server = await startIntake();
  const link = await startSlowLink(server.port, {
    ...outage,
    bytesPerSecond: outage.bytesPerSecond * factor,
  });
  const url = `http://127.0.0.1:${link.port}`;
  const http = createIntake({
    urls: intakeUrls({ metrics: `${url}/api`, logs: url }, { metrics: 1, logs: 2 }),
    apiKey: "test-key",
    version: "0.0.0",
    requestTimeout: 36 / factor,
    unacknowledged: async ({ localPort = 0 }) => link.onTheWay(localPort),
  });
  let up = false;
  let sent = 0;
  const intake: Intake = {
    close: http.close,
    post: async (track, payload, signal, progress) => {
      if (!up) return { outcome: "retry", status: 0, error: "the network is down" };
      sent += pointsOf(payload);
      return http.post(track, payload, signal, progress);
    },
  };
  const storage = openSqlite(":memory:", { now: clock.now, fateOf: () => "unknown", warn: () => {} });
  const send = createSend(
    {
      storage,
      intake,
      clock,
      owner: "outage",
      random: () => 0,
      releaseInterval: RELEASE,
      selfMetrics: undefined,
    },
    metricsTrack({ host: "pi4", globalTags: ["site:roof"] }, { version: 1, ttl: 30 * 86_400, bulk: 10_000 }),
  );

  let captured = START;
  /** Queues the captures up to now. */
  const capture = async () => {
    for (; captured < clock.now(); captured += CAPTURE)
      await storage.commit({ add: [{ queue: QUEUE, records: recordsOf(captured, series) }] });
  };
  /** How many points of the captures in [from, before) have arrived, and the newest second of all. */
  const arrived = (from = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY) => {
    const seconds = [...server.series.values()].flatMap((points) => [...points.keys()]);
    const newest = seconds.reduce((most, second) => Math.max(most, second), 0);
    return { count: seconds.filter((second) => from <= second && second < before).length, newest };
  };
  const never = new AbortController().signal;
  const release = () =>
    send(
      {
        seconds: 0.8 * RELEASE,
        letFinish: true,
        attempts: Number.POSITIVE_INFINITY,
        patience: 0,
        longestPause: Number.POSITIVE_INFINITY,
      },
      never,
    );

  const releases: AfterOutage["releases"] = [];
  try {
    await capture();
    for (let n = 0; n <= outage.releases; n++) {
      await clock.sleep(RELEASE - (clock.now() % RELEASE), never);
      await capture();
      const live = { from: clock.now() - 2 * RELEASE, before: captured };
      const expected = Math.floor((live.before - live.from) / CAPTURE) * series;
      const { delivered } = await release();
      const { count, newest } = arrived(live.from, live.before);
      if (up)
        releases.push({
          newestAge: clock.now() - newest,
          liveMissing: Math.max(0, expected - count),
          delivered,
        });
      up = true;
    }
    return { releases, sent, arrived: arrived().count, conflicts: server.conflicts.length };
  } finally {
    link.close();
    await intake.close();
    await server.stop();
    await storage.close();
  }
}

/** Points of a capture with the names and the digits that a device has. */
function recordsOf(at: number, series: number) {
  const points = Array.from({ length: series }, (_, n) =>
    gauge(
      `Chouette.host.${["cpu.percentage", "memory.used", "fs.free", "network.bytes.sent"][n % 4]}`,
      Number((Math.random() * 10 ** (n % 9)).toPrecision(5)),
      at,
      [`part:${Math.floor(n / 4)}`],
    ),
  );
  return pointRecords(points, { host: "pi4", newKey: () => recordKey(at), shared: false });
}

function pointsOf(payload: Uint8Array): number {
  const body = JSON.parse(strFromU8(unzlibSync(payload))) as { series: { points: unknown[] }[] };
  return body.series.reduce((sum, { points }) => sum + points.length, 0);
}

/** A clock that begins at a time and runs faster. */
function fastClock(start: number, factor: number): Clock {
  const began = systemClock.monotonic();
  const elapsed = () => (systemClock.monotonic() - began) * factor;
  return {
    now: () => start + elapsed(),
    monotonic: elapsed,
    sleep: (seconds, signal) => systemClock.sleep(seconds / factor, signal),
  };
}
