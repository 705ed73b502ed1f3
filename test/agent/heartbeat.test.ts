import { describe, expect, test } from "bun:test";
import { type HeartbeatDeps, heartbeat } from "../../src/agent/heartbeat.ts";
import type { Stuck } from "../../src/schedule/liveness.ts";
import { testClock } from "../helpers/clock.ts";

/**
 * What is told to the service manager, each message behind the second of it. `happens` is called before each message and each
 * look at what the start waits for.
 */
async function messages(
  deps: Partial<Pick<HeartbeatDeps, "watchdog" | "waitsFor" | "status">> & { stuck?: () => Stuck[] },
  until: number,
) {
  const clock = testClock(0);
  const begin = clock.monotonic();
  const stop = new AbortController();
  const told: string[] = [];
  const logged: string[] = [];
  const passed = () => Math.round(clock.monotonic() - begin);
  const log = (message: unknown) => void logged.push(`${passed()} ${message}`);
  await heartbeat({
    clock,
    stop: stop.signal,
    watchdog: 120,
    waitsFor: async () => undefined,
    status: () => "fine",
    progress: { stuck: deps.stuck ?? (() => []) },
    ...deps,
    log: () => ({ info: log, error: log }),
    notify: async (assignments) => {
      told.push([passed(), ...assignments].join(" "));
      if (passed() >= until) stop.abort();
    },
  });
  return { told, logged, passed };
}

describe("an agent at work", () => {
  test("tells everything in each message, soon at first and then three times in the watchdog's time", async () => {
    const { told } = await messages({}, 180);
    expect(told).toEqual([
      ...[0, 1, 3, 7, 15, 31, 63, 103, 143, 183].map((at) => `${at} READY=1 STATUS=fine WATCHDOG=1`),
      "183 STOPPING=1 STATUS=told to stop: what still waits is sent",
    ]);
  });

  test.each([3, 10, 120, 180, 600])("of a watchdog of %p s may lose any one message", async (watchdog) => {
    const { told } = await messages({ watchdog }, 4 * watchdog);
    const at = told.map((message) => Number.parseInt(message, 10));
    const longest = Math.max(...at.slice(2).map((second, i) => second - (at[i] ?? 0)));
    expect(longest).toBeLessThan(watchdog);
  });

  test("feeds no watchdog where there is none, and still tells how it is", async () => {
    const { told } = await messages({ watchdog: undefined }, 120);
    expect(told.slice(-3)).toEqual([
      "63 READY=1 STATUS=fine",
      "123 READY=1 STATUS=fine",
      "123 STOPPING=1 STATUS=told to stop: what still waits is sent",
    ]);
  });

  test("is quick enough for a short watchdog", async () => {
    const { told } = await messages({ watchdog: 4 }, 7);
    expect(told.map((message) => message.split(" ", 1)[0])).toEqual(["0", "1", "2", "4", "5", "6", "8", "8"]);
  });
});

describe("an agent that starts", () => {
  test("says what it waits for when that is news and every 10 seconds, and asks for more time", async () => {
    let looks = 0;
    const waitsFor = async () => {
      looks++;
      if (looks === 1) return "the first capture";
      return looks < 16 ? "Redis is\nnot there" : undefined;
    };
    const { told } = await messages({ waitsFor }, 16);
    expect(told).toEqual([
      "0 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: the first capture",
      "1 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis is\\u000anot there",
      "11 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis is\\u000anot there",
      "15 READY=1 STATUS=fine WATCHDOG=1",
      "16 READY=1 STATUS=fine WATCHDOG=1",
      "16 STOPPING=1 STATUS=told to stop: what still waits is sent",
    ]);
  });

  test("and is told to stop before it is ready says that and no more", async () => {
    const { told } = await messages({ waitsFor: async () => "Redis" }, 10);
    expect(told).toEqual([
      "0 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis",
      "10 EXTEND_TIMEOUT_USEC=60000000 STATUS=not ready yet: Redis",
      "10 STOPPING=1 STATUS=told to stop: what still waits is sent",
    ]);
  });
});

describe("an agent with a lane that is stuck", () => {
  const collect: Stuck = { lane: "collect", running: true, seconds: 151.2 };
  const words = "the lane collect is stuck: it is in a run that has not got on for 151 s";

  test("does not feed the watchdog as long as that lasts, and logs it once", async () => {
    let looks = 0;
    const stuck = () => {
      looks++;
      return looks >= 3 && looks <= 5 ? [{ ...collect, seconds: 148.2 + looks }] : [];
    };
    const { told, logged } = await messages({ stuck }, 60);
    expect(told).toEqual([
      "0 READY=1 STATUS=fine WATCHDOG=1",
      "1 READY=1 STATUS=fine WATCHDOG=1",
      `3 READY=1 STATUS=${words}`,
      `7 READY=1 STATUS=${words.replace("151", "152")}`,
      `15 READY=1 STATUS=${words.replace("151", "153")}`,
      "31 READY=1 STATUS=fine WATCHDOG=1",
      "63 READY=1 STATUS=fine WATCHDOG=1",
      "63 STOPPING=1 STATUS=told to stop: what still waits is sent",
    ]);
    expect(logged).toEqual([
      `3 ${words}; the watchdog is not fed any more, and systemd starts the agent anew`,
      "31 all lanes move again",
    ]);
  });

  test("tells of every such lane", async () => {
    const idle: Stuck = { lane: "lease", running: false, seconds: 400 };
    const { logged } = await messages({ stuck: () => [collect, idle] }, 0);
    expect(logged).toEqual([
      `0 ${words}; the lane lease is stuck: it has not begun a run for 400 s; the watchdog is not fed any more, and systemd starts the agent anew`,
    ]);
  });
});
