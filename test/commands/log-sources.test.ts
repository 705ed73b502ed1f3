import { expect, test } from "bun:test";
import { NEW_STATE, NO_COUNTS } from "../../src/logs/shape/shape.ts";
import { setUp } from "./inspect-rig.ts";

const state = (counts: object, waiting = 0) =>
  JSON.stringify({ position: [], shape: { ...NEW_STATE, counts: { ...NO_COUNTS, ...counts } }, waiting });

test("inspect-queue shows lines, bytes, by source of logs, and of the rest what is not zero everywhere", async () => {
  const { storage, call } = setUp();
  await storage.commit({
    notes: {
      "logs:file:/var/log/syslog": state({ lines: 12, queued: 8, bytes: 1200, filtered: 3, folded: 1 }, 5000),
      "logs:journal": state({ lines: 2, queued: 2, bytes: 100 }),
      "logs:entry:/var/log/syslog": state({}),
      "logs:budget": state({}),
      "logs:file:/damaged": "{",
    },
  });
  const { lines } = await call();
  const from = lines.findIndex((line) => line.startsWith("LOGS OF"));
  expect(lines.slice(from, from + 3)).toEqual([
    "LOGS OF               LINES  QUEUED   BYTES  FILTERED  FOLDED  WAITING",
    "file:/var/log/syslog     12       8  1.2 kB         3       1   5.0 kB",
    "journal                   2       2   100 B         0       0      0 B",
  ]);
  const { printed } = await call({ json: true });
  expect(JSON.parse(printed).logs).toEqual([
    {
      source: "file:/var/log/syslog",
      lines: 12,
      queued: 8,
      bytes: 1200,
      filtered: 3,
      folded: 1,
      cut: 0,
      lost: 0,
      left_out: 0,
      waiting_bytes: 5000,
    },
    expect.objectContaining({ source: "journal", lines: 2 }),
  ]);
});
