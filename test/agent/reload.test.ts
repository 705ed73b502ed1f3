import { describe, expect, test } from "bun:test";
import { listenForHangups } from "../../src/agent/reload.ts";
import type { RunCall } from "../../src/agent/setup.ts";

const call: RunCall = {
  command: "run",
  envFile: "/etc/chouette/chouette.env",
  logLevel: undefined,
  dryRun: false,
  check: false,
};
const away = { out: false, error: false, width: Number.POSITIVE_INFINITY };

/** What listens to SIGHUP, and how it is rung; undefined where nobody listens. */
function setUp(changes: Partial<RunCall> = {}, terminal = away) {
  let ring: (() => void) | undefined;
  const hangups = listenForHangups(
    { ...call, ...changes },
    { terminal, onHangup: (listener) => (ring = listener) },
  );
  return { hangups, ring };
}

describe("SIGHUP reloads the env file", () => {
  test("when it arrives while the agent waits for it", async () => {
    const { hangups, ring } = setUp();
    const heard = hangups(new AbortController().signal);
    ring?.();
    expect(await heard).toBeUndefined();
  });

  test("once, however often it arrived before the agent waits for it", async () => {
    const { hangups, ring } = setUp();
    ring?.();
    ring?.();
    await hangups(new AbortController().signal);
    const end = new AbortController();
    let over = false;
    const second = hangups(end.signal).then(() => {
      over = true;
    });
    await Promise.resolve();
    expect(over).toBeFalse();
    end.abort();
    await second;
  });

  test("unless the agent ends first", async () => {
    const { hangups } = setUp();
    expect(await hangups(AbortSignal.abort())).toBeUndefined();
  });
});

describe("SIGHUP ends the process as usual", () => {
  test.each<[string, Partial<RunCall>, typeof away]>([
    ["without an env file", { envFile: undefined }, away],
    ["when standard output is a terminal", {}, { ...away, out: true }],
    ["when standard error is a terminal", {}, { ...away, error: true }],
  ])("%s", (_, changes, terminal) => {
    expect(setUp(changes, terminal).ring).toBeUndefined();
  });
});
