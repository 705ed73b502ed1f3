import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { processUsage } from "./process-usage.ts";

const WARM_UP = 50;
const SCRAPES = 500;

/** Milliseconds between scrapes, as between the captures of plugins-child.ts. */
const PAUSE = 20;

/** Measures the CPU seconds of one scrape of the Prometheus node exporter, of what the host plugin captures by default. */
export async function measureExporter(): Promise<number> {
  const exporter = Bun.spawn(
    [
      "prometheus-node-exporter",
      "--web.listen-address=127.0.0.1:0",
      "--web.disable-exporter-metrics",
      "--collector.disable-defaults",
      "--collector.cpu",
      "--collector.meminfo",
      "--collector.loadavg",
      "--collector.filesystem",
    ],
    { stdout: "ignore", stderr: "pipe" },
  );
  try {
    const url = `http://${await listeningOn(exporter.stderr)}/metrics`;
    for (let scrape = 0; scrape < WARM_UP; scrape += 1) await scrapeOf(url);
    const begin = processUsage(exporter.pid).cpu;
    for (let scrape = 0; scrape < SCRAPES; scrape += 1) await scrapeOf(url);
    return (processUsage(exporter.pid).cpu - begin) / SCRAPES;
  } finally {
    exporter.kill();
    await exporter.exited;
  }
}

async function scrapeOf(url: string): Promise<void> {
  await Bun.sleep(PAUSE);
  const text = await (await fetch(url)).text();
  for (const metric of [
    "node_cpu_seconds_total",
    "node_memory_MemAvailable_bytes",
    "node_load1",
    "node_filesystem_avail_bytes",
  ])
    if (!text.includes(metric)) throw new Error(`the node exporter has no ${metric}`);
}

/** `… level=info msg="Listening on" address=127.0.0.1:35635` */
async function listeningOn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  for await (const line of createInterface({ input: Readable.fromWeb(stderr) })) {
    const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("the node exporter ended");
}
