import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";
import { startWire } from "./wire-meter.ts";

/** Measures what a device sends and receives, TLS included, at the default intervals: plugin host, and more series beside it. */
const MINUTES = Number(process.env.BENCH_WIRE_MINUTES ?? 10);
const MINUTES_PER_MONTH = 60 * 24 * 30;

const folder = mkdtempSync("/var/tmp/chouette-bench-wire-");
const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
await Bun.$`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${cert}`.quiet();

/** A program of `exec:` that prints so many gauges, each with another value each time. */
const gauges = (series: number) =>
  `exec:/usr/bin/awk 'BEGIN { srand(); for (i = 0; i < ${series}; i++) printf "bench.value.%d:%.2f|g\\n", i, rand() * 100 }'`;

async function measure(series: number, kept: boolean): Promise<Measurement> {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    request.resume().on("end", () => {
      response.writeHead(202, kept ? {} : { connection: "close" }).end("{}");
    });
  });
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const wire = await startWire((server.address() as AddressInfo).port);
  const directory = `${folder}/${series}-${kept}`;
  const env = {
    API_KEY: "bench",
    DATADOG_URL: `https://127.0.0.1:${wire.port}/api`,
    DATADOG_LOGS_URL: `https://127.0.0.1:${wire.port}`,
    SSL_CERT_FILE: cert,
    CHOUETTE_STATE_DIR: directory,
    CHOUETTE_RUNTIME_DIR: `${directory}-ram`,
    COLLECT_PLUGINS: JSON.stringify(["host", ...(series > 0 ? [gauges(series)] : [])]),
    DOGSTATSD: "false",
    LOG_LEVEL: "error",
  };
  const agent = Bun.spawn([`dist/chouette-${process.platform}-${process.arch}`, "run"], {
    env,
    stdout: "ignore",
    stderr: "inherit",
  });
  // What the start costs, and what comes with the first two releases, does not come again.
  await Bun.sleep(150_000);
  const before = wire.bytes();
  await Bun.sleep(MINUTES * 60_000);
  const after = wire.bytes();
  agent.kill();
  await agent.exited;
  wire.close();
  server.close();
  const perMonth = (bytes: number) => `${((bytes / MINUTES / 1e6) * MINUTES_PER_MONTH).toFixed(1)} MB`;
  return {
    what: `host${series > 0 ? ` and ${series} gauges` : ""}, ${kept ? "connection kept" : "a connection for each release"}`,
    chouette: `${perMonth(after.sent - before.sent)} sent a month`,
    beside: `${perMonth(after.received - before.received)} received`,
    aim: `over ${MINUTES} min`,
  };
}

try {
  printMeasurements(
    await Promise.all([0, 10, 100].flatMap((series) => [measure(series, true), measure(series, false)])),
  );
} finally {
  rmSync(folder, { recursive: true });
}
