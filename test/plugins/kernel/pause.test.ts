import { expect, test } from "bun:test";
import { pause } from "../../../src/plugins/kernel/pause.ts";

const AN_HOUR = 3_600_000;

test("ends at once when the signal has aborted", async () => {
  expect(await pause(AN_HOUR, AbortSignal.abort())).toBeUndefined();
});

test("ends when the signal aborts", async () => {
  const stop = new AbortController();
  const waiting = pause(AN_HOUR, stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
});

test("ends by itself", async () => {
  expect(await pause(1, new AbortController().signal)).toBeUndefined();
});
