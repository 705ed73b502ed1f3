import { readFileSync } from "node:fs";
import { lines } from "../../src/io/lines.ts";
import { createJournalSource } from "../../src/logs/journal/journal-source.ts";

/** Reads so many entries of the journal in the directory of the first argument, and prints CPU seconds, those of journalctl included. */
const [, , directory = "", count = "0"] = process.argv;

const options = { units: ["*"], tags: [], include: [], exclude: [], fold: true };
const source = createJournalSource(options, {
  lines: ([program, ...words], ...rest) => lines([program, `--directory=${directory}`, ...words], ...rest),
  lastLines: Number(count),
  name: "journal",
  sleep: async () => {},
});

/** utime, stime, cutime and cstime of proc(5), in hundredths of a second. */
function cpu(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
}

const before = cpu();
const [stream] = await source.streams(async () => undefined, 0);
for (let read = 0; read < Number(count); ) {
  read += stream?.read(256 * 1024, 0, 0).lines.length ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await source.close();
process.stdout.write(`${JSON.stringify({ cpu: cpu() - before })}\n`);
