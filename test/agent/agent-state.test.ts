import { describe, expect, test } from "bun:test";
import { createAgentState } from "../../src/agent/agent-state.ts";
import type { Delivery, Intake } from "../../src/datadog/delivery.ts";
import { KEY, load } from "../config/load.ts";
import { testClock } from "../helpers/clock.ts";

const NOW = 1_591_541_275;
const signal = new AbortController().signal;

function setUp() {
  const clock = testClock(NOW);
  const state = createAgentState("1.2.3", clock, () => true);
  const post = (delivery: Delivery) => {
    const intake: Intake = { post: async () => delivery, close: async () => {} };
    return state.watch(intake).post("series", new Uint8Array(10), signal);
  };
  state.configured(load({ HOST: "pi4", API_KEY: KEY }), ["host", "rpi"]);
  return { clock, state, post };
}

const accepted: Delivery = { outcome: "accepted", status: 202, error: "" };
const refused: Delivery = { outcome: "hold", status: 403, error: "refused" };
const silent: Delivery = { outcome: "retry", status: 0, error: "nothing there" };

describe("the state of the agent", () => {
  test("is unknown before there is a configuration", () => {
    expect(createAgentState("1.2.3", testClock(NOW), () => true).status()).toBeUndefined();
  });

  test("holds the destination, the end of the key and the next delivery from the start", () => {
    const { state } = setUp();
    expect(state.status()).toEqual({
      version: "1.2.3",
      started_at: NOW,
      destination: {
        metrics: "https://api.datadoghq.com/api/v1/series",
        logs: "https://http-intake.logs.datadoghq.com/api/v2/logs",
      },
      key: { ends_with: KEY.slice(-4), answer: "unknown", at: null },
      next_delivery_at: expect.any(Number),
      bytes_sent: 0,
      plugins: ["host", "rpi"].map((name) => ({ name, ok: null, reason: null, remedy: null })),
      clock_confirmed: true,
    });
    expect(state.status()?.next_delivery_at).toBeWithin(NOW, NOW + 60);
  });

  test("has the bytes written to the card today where they are known", () => {
    const state = createAgentState(
      "1.2.3",
      testClock(NOW),
      () => true,
      () => 1234,
    );
    state.configured(load({ API_KEY: KEY }), []);
    expect(state.status()?.card_bytes_today).toBe(1234);
  });

  test("shows no end of a short key", () => {
    const { state } = setUp();
    state.configured(load({ API_KEY: "short-key" }), []);
    expect(state.status()?.key.ends_with).toBeNull();
  });

  test("says when the key was accepted or refused last; no answer changes nothing", async () => {
    const { clock, state, post } = setUp();
    await post(accepted);
    clock.pass(60);
    await post(silent);
    expect(state.status()).toMatchObject({ key: { answer: "accepted", at: NOW }, bytes_sent: 20 });
    await post(refused);
    expect(state.status()?.key).toMatchObject({ answer: "refused", at: NOW + 60 });
    state.configured(load({ API_KEY: KEY }), []);
    expect(state.status()?.key).toMatchObject({ answer: "unknown", at: null });
  });

  test("has the last outcome of each plugin", () => {
    const { state } = setUp();
    const outcome = { plugin: "rpi", points: [], duration: 0 };
    state.captured({ ...outcome, ok: false, reason: "no vcgencmd", remedy: "install it" });
    expect(state.status()?.plugins[1]).toEqual({
      name: "rpi",
      ok: false,
      reason: "no vcgencmd",
      remedy: "install it",
    });
    state.captured({ ...outcome, ok: true });
    expect(state.status()?.plugins[1]).toEqual({ name: "rpi", ok: true, reason: null, remedy: null });
  });
});
