import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { runAgent } from "./logs-agent.ts";
import { dayRows } from "./logs-day.ts";
import { journalRows } from "./logs-journal.ts";
import { syslogLines } from "./logs-lines.ts";
import type { Measurement } from "./measurement.ts";
import { printMeasurements } from "./print-measurements.ts";
import { processUsage } from "./process-usage.ts";

const LINES = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const BACKLOG = Number(process.env.BENCH_BACKLOG ?? 0);
const JOURNAL_LINES = Number(process.env.BENCH_JOURNAL ?? 100_000);
const IDLE = Number(process.env.BENCH_IDLE_SECONDS ?? 60);

const directory = mkdtempSync("/var/tmp/chouette-bench-logs-");
const file = `${directory}/syslog`;
const text = syslogLines(LINES);
const megabytes = text.length / 1e6;
const rate = (seconds: number) => `${(megabytes / seconds).toFixed(1)} MB/s`;

/** In-process: from the file to the texts of records, in Bun and in Node. */
async function readers(): Promise<Measurement[]> {
  writeFileSync(file, text);
  const bundle = `${directory}/child.mjs`;
  await Bun.$`bun build scripts/bench/logs-child.ts --target node --outfile ${bundle}`.quiet();
  const rows: Measurement[] = [];
  for (const [runtime, aim] of [
    [process.execPath, 0.04],
    ["node", 0.015],
  ] as const) {
    const { bare, records } = (await Bun.$`${runtime} ${bundle} ${file}`.json()) as {
      bare: number;
      records: number;
    };
    rows.push({
      what: `file to record texts, ${runtime === "node" ? "Node" : "Bun"}`,
      chouette: `${(records / 1e6).toFixed(0)} MB/s`,
      beside: `64 KiB reads ${(bare / 1e6).toFixed(0)} MB/s`,
      ratio: records / bare,
      aim: `>= ${aim}`,
    });
  }
  return rows;
}

/** From the file through the queue to the intake. With folding a line in seven is not sent, so the end is that nothing more comes. */
async function agents(): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  for (const fold of [false, true]) {
    writeFileSync(file, "");
    rmSync(`${directory}/state`, { recursive: true, force: true });
    const expected = fold ? 0.85 * LINES : LINES;
    const { seconds, cpu, wire, logs, peak } = await runAgent(
      directory,
      { LOG_FILES: JSON.stringify([{ path: file, fold }]) },
      () => appendFileSync(file, text),
      (taken) => taken >= expected,
    );
    rows.push({
      what: `${LINES} lines, file to intake${fold ? ", folded" : ""}`,
      chouette: `${rate(seconds)}, ${((cpu / LINES) * 1e6).toFixed(1)} us CPU a line, peak ${(peak / 1e6).toFixed(0)} MB`,
      beside: `${(wire / LINES).toFixed(1)} B on the wire a line, ${logs} logs`,
      aim: "memory flat",
    });
  }
  return rows;
}

/** A backlog of BENCH_BACKLOG bytes in one file: the most memory after each fifth of it. */
async function backlog(): Promise<Measurement[]> {
  if (BACKLOG === 0) return [];
  writeFileSync(file, "");
  rmSync(`${directory}/state`, { recursive: true, force: true });
  const parts = Math.ceil(BACKLOG / text.length);
  const peaks: number[] = [];
  const { cpu } = await runAgent(
    directory,
    { LOG_FILES: JSON.stringify([{ path: file, fold: false }]) },
    () => {
      for (let i = 0; i < parts; i++) appendFileSync(file, text);
    },
    (taken, peak) => {
      if (taken >= ((peaks.length + 1) / 5) * parts * LINES) peaks.push(peak);
      return taken >= parts * LINES;
    },
  );
  return [
    {
      what: `${((parts * text.length) / 1e6).toFixed(0)} MB in a file, peak after each fifth`,
      chouette: `${peaks.map((peak) => (peak / 1e6).toFixed(0)).join(", ")} MB`,
      beside: `${((cpu / parts / LINES) * 1e6).toFixed(1)} us CPU a line`,
      aim: "memory flat",
    },
  ];
}

/** Debian's rsyslogd from the same file to a TCP socket, and cat. */
async function peers(): Promise<Measurement[]> {
  writeFileSync(file, text);
  const started = performance.now();
  await Bun.$`cat ${file} > /dev/null`.quiet();
  const cat = (performance.now() - started) / 1000;
  let received = 0;
  const server = createServer((socket) => socket.on("data", (chunk) => (received += chunk.length)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  writeFileSync(
    `${directory}/rsyslog.conf`,
    `global(workDirectory="${directory}")\nmodule(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" File="${file}" Tag="bench:")\naction(type="omfwd" Target="127.0.0.1" Port="${port}" Protocol="tcp")\n`,
  );
  const rsyslog = Bun.spawn(["rsyslogd", "-n", "-f", `${directory}/rsyslog.conf`, "-i", `${directory}/pid`]);
  const start = performance.now();
  let last = -1;
  while (received === 0 || received !== last) {
    last = received;
    await Bun.sleep(500);
  }
  const seconds = (performance.now() - start) / 1000 - 0.5;
  const { cpu } = processUsage(rsyslog.pid);
  rsyslog.kill();
  await rsyslog.exited;
  server.close();
  return [
    { what: "beside: cat", chouette: "", beside: rate(cat), aim: "" },
    {
      what: "beside: rsyslogd, imfile to omfwd",
      chouette: "",
      beside: `${rate(seconds)}, ${((cpu / LINES) * 1e6).toFixed(1)} us CPU a line, ${(received / LINES).toFixed(1)} B a line`,
      aim: "",
    },
  ];
}

async function idle(): Promise<Measurement> {
  mkdirSync(`${directory}/fifty`);
  for (let i = 0; i < 50; i++) writeFileSync(`${directory}/fifty/${i}.txt`, "a line\n");
  let cpu = 0;
  for (const settings of [{}, { LOG_FILES: `${directory}/fifty/*.txt` }]) {
    const end = performance.now() + 4000 + IDLE * 1000;
    const run = await runAgent(
      directory,
      { ...settings, RELEASE_INTERVAL: "60" },
      () => {},
      () => performance.now() > end,
    );
    cpu = (100 * run.cpu) / IDLE - cpu;
  }
  return {
    what: "50 idle files, CPU",
    chouette: `${cpu.toFixed(2)} %`,
    beside: "without logs 0 %",
    aim: "<= 0.5 %",
  };
}

try {
  printMeasurements([
    ...(await readers()),
    ...(await agents()),
    ...(await backlog()),
    ...(await peers()),
    ...(await journalRows(JOURNAL_LINES)),
    ...dayRows(),
    await idle(),
  ]);
} finally {
  rmSync(directory, { recursive: true });
}
