import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { tailPath } from "../../src/logs/files/tail-path.ts";
import { NO_BUDGET } from "../../src/logs/shape/budget.ts";
import { createShape, NEW_STATE } from "../../src/logs/shape/shape.ts";
import { createMask } from "../../src/logs/text/mask.ts";
import { readLine } from "../../src/logs/text/read-line.ts";

/** Reads the file of the first argument twice, bare and as log records, and prints bytes per second of CPU time of both; in either runtime. */
const path = process.argv[2] ?? "";

function bare(): number {
  const fd = openSync(path, "r");
  const buffer = Buffer.alloc(64 * 1024);
  let total = 0;
  for (;;) {
    const read = readSync(fd, buffer, 0, buffer.length, null);
    if (read === 0) break;
    total += read;
  }
  closeSync(fd);
  return total;
}

function records(): number {
  const tail = tailPath(path, undefined, { joiner: undefined, lastLines: Number.POSITIVE_INFINITY });
  const shape = createShape({
    options: { tags: [], include: [], exclude: [], fold: true },
    mask: createMask([]),
    bytesPerDay: Number.POSITIVE_INFINITY,
  });
  let state = NEW_STATE;
  let queued = 0;
  for (let read = true; read; ) {
    const { lines } = tail.read(256 * 1024, 0);
    read = lines.length > 0;
    const logs = lines.map(({ text }) => readLine(text, 1_700_000_000));
    const shaped = shape(state, NO_BUDGET, logs, [], 1_700_000_000);
    state = shaped.state;
    queued += shaped.records.length;
  }
  tail.close();
  return queued;
}

/** Bytes per second of CPU time of the fastest of five runs: other programs may run at the same time. */
function best(work: () => number): number {
  const fd = openSync(path, "r");
  const { size } = fstatSync(fd);
  closeSync(fd);
  const times = [0, 1, 2, 3, 4].map(() => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  });
  return size / Math.min(...times);
}

process.stdout.write(`${JSON.stringify({ bare: best(bare), records: best(records) })}\n`);
