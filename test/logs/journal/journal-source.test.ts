import { expect, test } from "bun:test";
import { createJournalSource, type JournalDeps } from "../../../src/logs/journal/journal-source.ts";

const OPTIONS = { units: ["*"], tags: [], include: [], exclude: [], fold: true };

const entry = (number: number) =>
  JSON.stringify({ __CURSOR: `c${number}`, __REALTIME_TIMESTAMP: `${number}000000`, MESSAGE: `${number}` });

/** A journal of so many entries, which knows their cursors from `first` on; it stays open as journalctl --follow does. */
function journal(last: number, { first = 1, knowsCursors = true } = {}) {
  const commands: string[][] = [];
  const lines: JournalDeps["lines"] = async function* (command, signal) {
    commands.push([...command]);
    const cursor = command.find((word) => word.startsWith("--cursor="))?.slice("--cursor=c".length);
    const since = command.find((word) => word.startsWith("--since=@"))?.slice("--since=@".length);
    if (cursor !== undefined && !knowsCursors) throw new Error("ended with code 1: Failed to seek to cursor");
    for (let i = Math.max(first, Number(cursor ?? since ?? last + 1)); i <= last; i++) yield entry(i);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  return { commands, lines };
}

async function readAfter(position: unknown, deps: Pick<JournalDeps, "lines">): Promise<string[]> {
  const source = createJournalSource(OPTIONS, {
    ...deps,
    lastLines: 0,
    name: "journal",
    sleep: async () => {},
  });
  const [stream] = await source.streams(async () => position, 0);
  await new Promise((resolve) => setImmediate(resolve));
  const messages = stream?.read(1e6, 0, 0).lines.map(({ message }) => message) ?? [];
  await source.close();
  return messages;
}

test("continues behind the entry that was taken last", async () => {
  const { lines, commands } = journal(4);
  expect(await readAfter({ cursor: "c2", time: 2e6 }, { lines })).toEqual(["3", "4"]);
  expect(commands[0]).toContain("--no-tail");
});

test("continues with the first entry that is left when that one was vacuumed", async () => {
  expect(await readAfter({ cursor: "c2", time: 2e6 }, journal(6, { first: 5 }))).toEqual(["5", "6"]);
});

test("continues by time when nothing knows the cursor", async () => {
  const { lines, commands } = journal(4, { knowsCursors: false });
  expect(await readAfter({ cursor: "c2", time: 2e6 }, { lines })).toEqual(["3", "4"]);
  expect(commands.length).toBe(2);
});

test("begins at the end at the very first start", async () => {
  const { lines, commands } = journal(4);
  expect(await readAfter(undefined, { lines })).toEqual([]);
  expect(commands[0]).toContain("--lines=0");
});

test("counts what journalctl printed and nobody can read", async () => {
  const lines: JournalDeps["lines"] = async function* () {
    yield "garbage";
    yield entry(9);
  };
  const source = createJournalSource(OPTIONS, {
    lines,
    lastLines: 0,
    name: "journal",
    sleep: () => new Promise(() => {}),
  });
  const [stream] = await source.streams(async () => undefined, 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream?.read(1e6, 0, 0)).toMatchObject({
    lost: 1,
    lines: [{ message: "9" }],
    position: { cursor: "c9" },
  });
});
