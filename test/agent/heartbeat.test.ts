import { describe, expect, test } from "bun:test";
import { type HeartbeatDeps, heartbeat } from "../../src/agent/heartbeat.ts";
import type { Stuck } from "../../src/schedule/liveness.ts";
import { testClock } from "../helpers/clock.ts";

/**
 * Runs the heartbeat for `until` seconds. Returns the messages to the service manager and the log lines, each after its second.
 */
async function messages(
  deps: Partial<Pick<HeartbeatDeps, "watchdog" | "waitsFor" | "status" | "news">> & { stuck?: () => Stuck[] },
  until: number,
) {
  const clock = testClock(0);
  const begin = clock.monotonic();
  const stop = new AbortController();
  const sent: string[] = [];
  const logged: string[] = [];
  const passed = () => Math.round(clock.monotonic() - begin);
  const log = (message: unknown) => void logged.push(`${passed()} ${message}`);
  await heartbeat({
    clock,
    stop: stop.signal,
    watchdog: 120,
    waitsFor: async () => undefined,
    status: () => "fine",
    news: () => new AbortController().signal,
    liveness: { stuck: deps.stuck ?? (() => []) },
    ...deps,
    log: () => ({ info: log, error: log }),
    notify: async (assignments) => {
      sent.push([passed(), ...assignments].join(" "));
      if (passed() >= until) stop.abort();
    },
  });
  return { sent, logged, passed };
}

describe("a running agent", () => {
  test("sends its whole state in each message, often at first and then three times per watchdog period", async () => {
    const { sent } = await messages({}, 180);
    expect(sent).toEqual([
      ...[0, 1, 3, 7, 15, 31, 63, 103, 143, 183].map((at) => `${at} READY=1 STATUS=fine WATCHDOG=1`),
      "183 STOPPING=1 STATUS=stopping: sending what is queued",
    ]);
  });

  test.each([3, 10, 120, 180, 600])(
    "survives the loss of any one message with a watchdog of %p s",
    async (watchdog) => {
      const { sent } = await messages({ watchdog }, 4 * watchdog);
      const at = sent.map((message) => Number.parseInt(message, 10));
      const longest = Math.max(...at.slice(2).map((second, i) => second - (at[i] ?? 0)));
      expect(longest).toBeLessThan(watchdog);
    },
  );

  test("feeds no watchdog when there is none, and still reports its status", async () => {
    const { sent } = await messages({ watchdog: undefined }, 120);
    expect(sent.slice(-3)).toEqual([
      "63 READY=1 STATUS=fine",
      "123 READY=1 STATUS=fine",
      "123 STOPPING=1 STATUS=stopping: sending what is queued",
    ]);
  });

  test("sends its state at once when there are news", async () => {
    const news = AbortSignal.abort();
    let looks = 0;
    const { sent } = await messages(
      { news: () => (++looks === 6 ? news : new AbortController().signal), watchdog: undefined },
      60,
    );
    expect(sent.map((message) => message.split(" ", 1)[0])).toEqual([
      "0",
      "1",
      "3",
      "7",
      "15",
      "31",
      "31",
      "91",
      "91",
    ]);
  });

  test("sends often enough for a short watchdog", async () => {
    const { sent } = await messages({ watchdog: 4 }, 7);
    expect(sent.map((message) => message.split(" ", 1)[0])).toEqual(["0", "1", "2", "4", "5", "6", "8", "8"]);
  });
});

describe("a starting agent", () => {
  test("reports why it is not ready, when that changes and every 10 seconds, and requests more time", async () => {
    let looks = 0;
    const waitsFor = async () => {
      looks++;
      if (looks === 1) return "the first capture";
      return looks < 16 ? "Redis is\nnot there" : undefined;
    };
    const { sent } = await messages({ waitsFor }, 16);
    expect(sent).toEqual([
      "0 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: the first capture",
      "1 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis is\\u000anot there",
      "11 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis is\\u000anot there",
      "15 READY=1 STATUS=fine WATCHDOG=1",
      "16 READY=1 STATUS=fine WATCHDOG=1",
      "16 STOPPING=1 STATUS=stopping: sending what is queued",
    ]);
  });

  test("reports no more than its stop when it is stopped before it is ready", async () => {
    const { sent } = await messages({ waitsFor: async () => "Redis" }, 10);
    expect(sent).toEqual([
      "0 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis",
      "10 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis",
      "10 STOPPING=1 STATUS=stopping: sending what is queued",
    ]);
  });
});

describe("an agent with a stuck lane", () => {
  const collect: Stuck = { lane: "collect", running: true, seconds: 151.2 };
  const words = "lane collect is stuck: no progress for 151 s";

  test("does not feed the watchdog while the lane is stuck, and logs it once", async () => {
    let looks = 0;
    const stuck = () => {
      looks++;
      return looks >= 3 && looks <= 5 ? [{ ...collect, seconds: 148.2 + looks }] : [];
    };
    const { sent, logged } = await messages({ stuck }, 60);
    expect(sent).toEqual([
      "0 READY=1 STATUS=fine WATCHDOG=1",
      "1 READY=1 STATUS=fine WATCHDOG=1",
      `3 READY=1 STATUS=${words}`,
      `7 READY=1 STATUS=${words.replace("151", "152")}`,
      `15 READY=1 STATUS=${words.replace("151", "153")}`,
      "31 READY=1 STATUS=fine WATCHDOG=1",
      "63 READY=1 STATUS=fine WATCHDOG=1",
      "63 STOPPING=1 STATUS=stopping: sending what is queued",
    ]);
    expect(logged).toEqual([
      expect.stringMatching(new RegExp(`^3 ${words}; .*watchdog.*restart`)),
      expect.stringMatching(/^31 /),
    ]);
  });

  test("names every stuck lane", async () => {
    const idle: Stuck = { lane: "lease", running: false, seconds: 400 };
    const { logged } = await messages({ stuck: () => [collect, idle] }, 0);
    expect(logged).toEqual([
      expect.stringMatching(new RegExp(`^0 ${words}; lane lease is stuck: .* 400 s; `)),
    ]);
  });
});
