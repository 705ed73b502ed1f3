import { describe, expect, test } from "bun:test";
import type { AgentStatus } from "../../src/commands/agent-status.ts";
import { filled, NOW, setUp } from "./inspect-rig.ts";

const status: AgentStatus = {
  version: "0.2.0",
  started_at: NOW - 7500,
  destination: {
    metrics: "https://api.datadoghq.eu/api/v1/series",
    logs: "https://http-intake.logs.datadoghq.eu/api/v2/logs",
  },
  key: { ends_with: "cdef", answer: "accepted", at: NOW - 12 },
  next_delivery_at: NOW + 34.5,
  bytes_sent: 12_345,
  plugins: [
    { name: "host", ok: true, reason: null, remedy: null },
    { name: "rpi", ok: true, reason: null, remedy: null },
    { name: "k8s", ok: false, reason: "certificate\nexpired", remedy: "sudo chouette test-plugins k8s" },
    { name: "dramatiq", ok: true, reason: "no Redis here", remedy: "set REDIS_URL" },
    { name: "/srv/a.js", ok: false, reason: "/srv/a.js failed in collect: boom", remedy: null },
    { name: "docker", ok: null, reason: null, remedy: null },
  ],
  clock_confirmed: true,
  card_bytes_today: 1_234_567,
};

/** The lines above the queues. */
async function head(agent: unknown, width?: number): Promise<string[]> {
  const { lines } = await setUp(width, { status: agent }).call();
  return lines.slice(0, lines.indexOf(""));
}

describe("inspect-queue beside a running agent", () => {
  test("begins with what the agent says about itself", async () => {
    expect(await head(status)).toEqual([
      "agent          0.2.0, running since 2020-06-07 12:42 UTC (2 h 5 min)",
      "destination    metrics to api.datadoghq.eu, logs to http-intake.logs.datadoghq.eu",
      "key            …cdef, accepted 12 s ago",
      "next delivery  in 34 s",
      "last delivery  none yet",
      "plugins        2 ok: host, rpi",
      "  no capture yet: docker",
      "  k8s fails: certificate\\u000aexpired; to do: sudo chouette test-plugins k8s",
      "  dramatiq: no Redis here",
      "  /srv/a.js failed in collect: boom",
      "clock          confirmed",
      "card           1.2 MB written today",
      "storage        sqlite /var/lib/chouette/chouette.db",
    ]);
  });

  test("says what to do about a key that is refused", async () => {
    const lines = await head({ ...status, key: { ends_with: null, answer: "refused", at: NOW - 61 } });
    expect(lines[2]).toBe(
      "key            the configured one, refused 1 min 1 s ago: it is wrong, or the key of another site (DD_SITE)",
    );
  });

  test("says what is not known yet", async () => {
    const { card_bytes_today, ...young } = {
      ...status,
      key: { ends_with: "cdef", answer: "unknown", at: null },
      plugins: [],
      clock_confirmed: false,
    };
    expect((await head(young)).slice(2, 7)).toEqual([
      "key            …cdef, no answer about it yet",
      "next delivery  in 34 s",
      "last delivery  none yet",
      "plugins        none configured; to see what there is: chouette test-plugins",
      "storage        sqlite /var/lib/chouette/chouette.db",
    ]);
  });

  test.each([80, 40])("fits %p columns", async (width) => {
    const lines = await head(status, width);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  });

  test("has the agent in --json, and null without one or with one of another version", async () => {
    const agentIn = async (answer: unknown) => {
      const { call } = setUp(undefined, { status: answer });
      return JSON.parse((await call({ json: true })).printed).agent;
    };
    expect(await agentIn(status)).toEqual(status);
    for (const answer of [undefined, null, { version: "0.3.0" }]) expect(await agentIn(answer)).toBeNull();
  });

  test("says where it looked for an agent that does not answer", async () => {
    const { lines } = await (await filled()).call();
    expect(lines[0]).toMatch(
      /^agent {10}none answers at \/var\/lib\/chouette\/agent\.sock: .*chouette run; why it ended: sudo journalctl -u chouette -n 20$/,
    );
  });
});
