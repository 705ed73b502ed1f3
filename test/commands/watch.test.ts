import { describe, expect, test } from "bun:test";
import type { AgentStatus } from "../../src/commands/agent-status.ts";
import type { Inspection } from "../../src/commands/inspection.ts";
import { formatTrends, watch } from "../../src/commands/watch.ts";
import { StorageError } from "../../src/errors.ts";
import type { QueueName } from "../../src/storage/storage.ts";
import { testClock } from "../helpers/clock.ts";
import { LOGS, NOW, RAW, WRAPPED, where } from "./inspect-rig.ts";

const agent = (bytes_sent: number): AgentStatus => ({
  version: "0.2.0",
  started_at: NOW,
  destination: { metrics: "https://api.datadoghq.eu/api/v1/series", logs: "https://logs.datadoghq.eu" },
  key: { ends_with: "cdef", answer: "accepted", at: NOW },
  next_delivery_at: NOW,
  bytes_sent,
  plugins: [],
  clock_confirmed: true,
});

const REJECTED = "chouette:metrics:raw:rejected";

/** An inspection with so many records in these queues; `sent` undefined: no agent. */
function inspection(counts: Partial<Record<QueueName, number>>, sent?: number): Inspection {
  const queues = ([RAW, WRAPPED, LOGS, REJECTED] as const).map((queue) => ({
    queue,
    count: counts[queue] ?? 0,
    bytes: 0,
    malformed: 0,
    top: [],
    sampled: counts[queue] ?? 0,
    oldest_age_s: null,
    newest_age_s: null,
    expiring: 0,
  }));
  return { agent: sent === undefined ? null : agent(sent), storage: where, queues, last_delivery: null };
}

const history = [
  inspection({ [RAW]: 0, [WRAPPED]: 7 }, 100),
  inspection({ [RAW]: 7, [WRAPPED]: 7 }, 1100),
  inspection({ [RAW]: 4, [WRAPPED]: 0 }, 1100),
  // Restarted.
  inspection({ [RAW]: 0, [WRAPPED]: 0 }, 500),
];

describe("the trends", () => {
  test("show the depth of the shared queues and the bytes sent between two looks", () => {
    expect(formatTrends(history, 5, 80)).toBe(`TREND            over 15 s    NOW
metrics:raw      ▁█▅▁           0
metrics:wrapped  ██▁▁           0
logs:wrapped     ▁▁▁▁           0
bytes sent       ▁█▁▅       500 B
`);
  });

  test("show another queue once something was in it, and no bytes without an agent", () => {
    expect(
      formatTrends([inspection({ [REJECTED]: 1 })], 5, 80)
        .split("\n")
        .slice(3),
    ).toEqual(["logs:wrapped          ▁           0", "metrics:raw:rejected  █           1", ""]);
  });

  test.each([80, 40])("of a long time fit %p columns", (width) => {
    const long = Array.from({ length: 500 }, (_, n) => inspection({ [RAW]: n }, 1e6 * n));
    const lines = formatTrends(long, 5, width).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  });
});

describe("inspect-queue --watch on a terminal", () => {
  function setUp() {
    const clock = testClock(NOW);
    const stop = new AbortController();
    const printed: string[] = [];
    const deps = {
      clock,
      stop: stop.signal,
      print: (text: string) => void printed.push(text),
      size: () => ({ width: 80, height: 24 }),
      socket: "/run/agent.sock",
    };
    return { deps, stop, printed };
  }

  const CLOSED = "\x1b[?25h\x1b[?7h\x1b[?1049l";

  test("redraws in place with a clock until it is interrupted, and restores the terminal", async () => {
    const { deps, stop, printed } = setUp();
    let looks = 0;
    const look = async () => {
      looks++;
      if (looks === 3) stop.abort();
      return inspection({ [RAW]: looks }, 0);
    };
    await watch(deps, look, 5);
    expect(printed.filter((text) => text.startsWith("\x1b[H"))).toHaveLength(3);
    expect(printed[2]).toMatch(/^.\[H\d\d:\d\d:\d\d, every 5 s; Ctrl\+C ends/);
    expect(printed[2]).toMatch(/\nmetrics:raw +▅█ +2/);
    expect(printed.at(-1)).toBe(CLOSED);
  });

  test("restores the terminal when it is interrupted while the storage does not answer", async () => {
    const { deps, stop, printed } = setUp();
    const watching = watch(deps, () => new Promise<never>(() => {}), 5);
    stop.abort();
    await watching;
    expect(printed.at(-1)).toBe(CLOSED);
  });

  test("restores the terminal when the storage fails", async () => {
    const { deps, printed } = setUp();
    const failure = new StorageError("Redis is out of reach.");
    const watching = watch(deps, () => Promise.reject(failure), 5);
    expect(await watching.catch((error: unknown) => error)).toBe(failure);
    expect(printed.at(-1)).toBe(CLOSED);
  });
});
