import { setTimeout as sleep } from "node:timers/promises";
import { formatTable } from "../../src/terminal/table.ts";
import { endAgents } from "../helpers/agent.ts";
import { durableRedisQueues, sqliteQueues } from "../helpers/queues.ts";
import { chosenSeed, seededRandom } from "../helpers/random.ts";
import { createDevice, type Device } from "./device.ts";
import { grown } from "./growth.ts";
import type { Usage } from "./usage.ts";

const COLUMNS = [
  { title: "" },
  ...["RSS MB", "anonymous", "peak", "descriptors", "threads", "RAM MB", "card MB", "written MB"].map(
    (title) => ({
      title,
      right: true,
    }),
  ),
];

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  console.error("usage: scripts/soak.sh [MINUTES]");
  process.exit(2);
}
const seed = chosenSeed();
console.log(`${minutes} minutes, CHOUETTE_SEED=${seed}`);

const devices = await Promise.all([
  createDevice("embedded, outages only", seededRandom(seed), { open: sqliteQueues, rough: false }),
  createDevice("embedded", seededRandom(seed + 1), { open: sqliteQueues, rough: true }),
  createDevice("Redis", seededRandom(seed + 2), { open: durableRedisQueues, rough: true }),
]);
const samples = new Map<Device, Usage[]>(devices.map((device) => [device, []]));
const peaks = new Map<Device, number>();
let wrong: string[] = [];
try {
  const begin = performance.now();
  const isOver = () => performance.now() - begin >= minutes * 60_000;
  await Promise.all([...devices.map((device) => live(device, isOver)), watch(isOver)]);
  for (const device of devices) {
    const found = [...(await device.finish()), ...(device === devices[0] ? grown(samplesOf(device)) : [])];
    wrong = wrong.concat(found.map((what) => `${device.name}: ${what}`));
    console.log(
      `${device.name}: written ${mega(device.written())} MB, peak ${mega(peaks.get(device) ?? 0)} MB; ${found.length === 0 ? "every total is exact" : found.join("; ")}`,
    );
  }
} catch (error) {
  wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await endAgents();
  await Promise.allSettled(devices.map((device) => device.stop()));
}
for (const what of wrong) console.log(`wrong: ${what}`);
console.log(wrong.length === 0 ? "soak passed" : `soak failed, CHOUETTE_SEED=${seed}`);
process.exit(wrong.length === 0 ? 0 : 1);

/** The application measures every 10 s; every minute something happens. */
async function live(device: Device, isOver: () => boolean): Promise<void> {
  const measuring = (async () => {
    while (!isOver()) {
      await device.measure();
      await sleep(10_000);
    }
  })();
  while (!isOver()) {
    await sleep(40_000);
    if (!isOver()) console.log(`  ${device.name}: ${await device.happen()}`);
  }
  await measuring;
}

async function watch(isOver: () => boolean): Promise<void> {
  for (let minute = 1; !isOver(); minute++) {
    await sleep(60_000);
    const rows = devices.flatMap((device) => {
      const usage = device.usage();
      if (usage === undefined) return [[device.name]];
      samplesOf(device).push(usage);
      peaks.set(device, Math.max(usage.peak, peaks.get(device) ?? 0));
      return [[device.name, ...cells(usage), mega(device.written())]];
    });
    console.log(`minute ${minute}\n${formatTable(COLUMNS, rows)}`);
  }
}

function samplesOf(device: Device): Usage[] {
  return samples.get(device) ?? [];
}

function cells({ rss, anonymous, peak, descriptors, threads, hot, card }: Usage): string[] {
  return [mega(rss), mega(anonymous), mega(peak), `${descriptors}`, `${threads}`, mega(hot), mega(card)];
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
