import { describe, expect, test } from "bun:test";
import { emptyReport, type SendReport } from "../../src/jobs/send-report.ts";
import { createProgress } from "../../src/terminal/progress-line.ts";
import { testClock } from "../helpers/clock.ts";

const report = (track: SendReport["track"], bytes: number): SendReport => ({
  ...emptyReport(track),
  bytes,
});

function watch(first: { metrics: number; logs: number } | Error, watched = true) {
  const clock = testClock(0);
  const notes: string[] = [];
  let now = first;
  const waiting = async () => {
    if (now instanceof Error) throw now;
    return now;
  };
  const progress = createProgress({ note: (text) => void notes.push(text), watched, clock }, waiting);
  /** A payload after so many seconds, with what is left then; resolves when the queues were looked at. */
  const payload = async (
    seconds: number,
    left: { metrics: number; logs: number } | Error,
    sent: SendReport,
  ) => {
    clock.pass(seconds);
    now = left;
    progress.sending(sent);
    await new Promise(setImmediate);
  };
  return { progress, payload, notes };
}

describe("a long backlog", () => {
  test("is shown once a second in one line, which is erased in the end", async () => {
    const { progress, payload, notes } = watch({ metrics: 8000, logs: 2000 });
    await progress.start();
    await payload(0.5, { metrics: 7000, logs: 2000 }, report("metrics", 1000));
    await payload(1.5, { metrics: 2000, logs: 2000 }, report("metrics", 20_000));
    await payload(0.9, { metrics: 1000, logs: 2000 }, report("metrics", 30_000));
    await payload(0.1, { metrics: 0, logs: 1000 }, report("logs", 5000));
    progress.done();
    expect(notes).toEqual([
      "\r4000 left, 3000 per second, 1 s to go, 20.0 kB sent",
      "\r1000 left, 3000 per second, 0 s to go, 35.0 kB sent",
      `\r${" ".repeat("1000 left, 3000 per second, 0 s to go, 35.0 kB sent".length)}\r`,
    ]);
  });

  test("a shorter line covers the longer one before it", async () => {
    const { progress, payload, notes } = watch({ metrics: 20_000, logs: 0 });
    await progress.start();
    await payload(1, { metrics: 19_990, logs: 0 }, report("metrics", 1_500_000));
    await payload(1, { metrics: 0, logs: 0 }, report("metrics", 2_000_000));
    expect(notes).toEqual([
      "\r19990 left, 10 per second, 33 min 19 s to go, 1.5 MB sent",
      "\r0 left, 10000 per second, 0 s to go, 2.0 MB sent         ",
    ]);
  });

  test("that grows faster than it is sent has no estimated end", async () => {
    const { progress, payload, notes } = watch({ metrics: 6000, logs: 0 });
    await progress.start();
    await payload(1, { metrics: 9000, logs: 0 }, report("metrics", 10));
    expect(notes).toEqual(["\r9000 left, 0 per second, a very long time to go, 10 B sent"]);
  });

  test("a query that ends after the flush writes nothing", async () => {
    const { progress, payload, notes } = watch({ metrics: 6000, logs: 0 });
    await progress.start();
    const looking = payload(1, { metrics: 5000, logs: 0 }, report("metrics", 10));
    progress.done();
    await looking;
    expect(notes).toEqual([]);
  });
});

describe("no progress line is written", () => {
  test.each([
    ["of a short backlog", { metrics: 4000, logs: 999 }, true],
    ["where nobody watches", { metrics: 80_000, logs: 0 }, false],
  ])("%s", async (_, first, watched) => {
    const { progress, payload, notes } = watch(first, watched);
    await progress.start();
    await payload(5, first, report("metrics", 10));
    progress.done();
    expect(notes).toEqual([]);
  });

  test("when the queues cannot be read", async () => {
    const { progress, payload, notes } = watch(new Error("no storage"));
    await progress.start();
    await payload(5, { metrics: 8000, logs: 0 }, report("metrics", 10));
    progress.done();
    expect(notes).toEqual([]);
  });

  test("while the queues cannot be read", async () => {
    const { progress, payload, notes } = watch({ metrics: 8000, logs: 0 });
    await progress.start();
    await payload(5, new Error("no storage"), report("metrics", 10));
    await payload(5, { metrics: 7000, logs: 0 }, report("metrics", 10));
    expect(notes).toEqual(["\r7000 left, 100 per second, 1 min 10 s to go, 10 B sent"]);
  });
});
