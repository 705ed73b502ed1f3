import { expect, test } from "bun:test";
import { parseJournalEntry } from "../../../src/logs/journal/journal-entry.ts";
import { unitFilter } from "../../../src/logs/journal/unit-filter.ts";

const entry = (fields: object) =>
  parseJournalEntry(JSON.stringify({ __CURSOR: "s=1", __REALTIME_TIMESTAMP: "1700000000123456", ...fields }));

test.each([
  [
    "of a service",
    {
      MESSAGE: "Accepted",
      PRIORITY: "6",
      _SYSTEMD_UNIT: "ssh.service",
      SYSLOG_IDENTIFIER: "sshd",
      _PID: "7",
    },
    { message: "Accepted", status: "info", service: "ssh", pid: "7", at: 1_700_000_000.123456 },
  ],
  [
    "of systemd about a unit",
    { MESSAGE: "Started", UNIT: "cron.service", _SYSTEMD_UNIT: "init.scope" },
    { service: "cron" },
  ],
  [
    "of a session",
    { MESSAGE: "x", _SYSTEMD_UNIT: "session-1.scope", SYSLOG_IDENTIFIER: "sudo" },
    { service: "sudo" },
  ],
  [
    "of the kernel",
    { MESSAGE: "x", SYSLOG_IDENTIFIER: "kernel", PRIORITY: "2" },
    { service: "kernel", status: "critical" },
  ],
  ["of bytes that are not text", { MESSAGE: [104, 105, 27, 255] }, { message: "hi\u001b\ufffd" }],
  ["with a repeated field", { MESSAGE: ["one", "two"] }, { message: "one\ntwo" }],
  [
    "of a container",
    { MESSAGE: "x", CONTAINER_NAME: "web", _SYSTEMD_UNIT: "docker.service" },
    { service: "web", tags: ["container:web"] },
  ],
])("an entry %s becomes a log", (_, fields, line) => {
  expect(entry(fields)?.line).toMatchObject(line);
});

test.each([[{}], [{ MESSAGE: null }], [{ MESSAGE: "" }]])(
  "an entry without a message (%j) has only a place",
  (fields) => {
    expect(entry(fields)).toMatchObject({ cursor: "s=1", line: undefined });
  },
);

test("what is not an entry is none", () => {
  expect([parseJournalEntry("-- Boot --"), parseJournalEntry("null"), parseJournalEntry("{}")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("units are chosen by name, with or without their type, or by globs", () => {
  const isChosen = unitFilter(["ssh", "docker-*", "*.timer"]);
  expect(["ssh.service", "docker-1.service", "a.timer"].map((unit) => isChosen([unit]))).toEqual([
    true,
    true,
    true,
  ]);
  expect([["sshd.service"], ["docker.service"], []].map(isChosen)).toEqual([false, false, false]);
  expect(unitFilter(["*"])([])).toBe(true);
});
