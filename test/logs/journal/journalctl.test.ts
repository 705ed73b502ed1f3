import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { writeJournal } from "../../../scripts/servers/journal-files.ts";
import { lines } from "../../../src/io/lines.ts";
import { createJournalSource, type JournalPosition } from "../../../src/logs/journal/journal-source.ts";
import type { Source } from "../../../src/logs/stream.ts";

/** The real journalctl on journals of several boots. */
const [FIRST, SECOND] = ["a".repeat(32), "b".repeat(32)];
const START = 1_700_000_000_000_000;
const OPTIONS = { units: ["*"], tags: [], include: [], exclude: [], fold: true };

let directory: string;
let source: Source;
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/chouette-journal-`);
});
afterEach(async () => {
  await source.close();
  rmSync(directory, { recursive: true });
});

/** Entries of one boot, a second after each other. */
const boot = (id: string, from: number, to: number, start = START) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({
    time: start + (from + i) * 1_000_000,
    boot: id,
    fields: { MESSAGE: `entry ${from + i}`, PRIORITY: "4", _SYSTEMD_UNIT: "app.service" },
  }));

/** Reads so many entries, and returns them with the position behind them. */
async function read(count: number, position?: JournalPosition) {
  source = createJournalSource(OPTIONS, {
    lines: ([program, ...words], ...rest) => lines([program, `--directory=${directory}`, ...words], ...rest),
    lastLines: 1000,
    name: "journal",
    sleep: async () => {},
  });
  const [stream] = await source.streams(async () => position, 0);
  const messages: string[] = [];
  let last: unknown;
  while (messages.length < count) {
    const batch = stream?.read(1, 0, 0);
    messages.push(...(batch?.lines.map(({ message }) => message) ?? []));
    last = batch?.position;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { messages, position: last as JournalPosition };
}

const entries = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `entry ${from + i}`);

test("entries of an earlier boot are read, and a restart after a reboot continues behind the last one", async () => {
  writeJournal(directory, "first", boot(FIRST, 1, 5));
  const before = await read(5);
  expect(before.messages).toEqual(entries(1, 5));
  await source.close();
  writeJournal(directory, "second", boot(SECOND, 6, 9));
  expect((await read(4, before.position)).messages).toEqual(entries(6, 9));
});

test("a journal that does not know the cursor is read from the time of the last entry", async () => {
  writeJournal(directory, "first", boot(FIRST, 1, 5));
  const { position } = await read(5);
  await source.close();
  rmSync(directory, { recursive: true });
  writeJournal(directory, "second", boot(SECOND, 4, 9, START + 1000));
  expect((await read(5, position)).messages).toEqual(entries(5, 9));
});

test("a clock that went back between two boots costs no entry", async () => {
  writeJournal(directory, "all", [...boot(FIRST, 1, 5), ...boot(SECOND, 6, 9, START - 3_600_000_000)]);
  const { messages, position } = await read(5);
  expect(messages).toEqual(entries(1, 5));
  await source.close();
  expect((await read(4, position)).messages).toEqual(entries(6, 9));
});
