import type { AgentStatus } from "../commands/agent-status.ts";
import type { Config } from "../config/config.ts";
import type { Delivery, Intake } from "../datadog/delivery.ts";
import type { PluginOutcome } from "../jobs/supervise.ts";
import type { Clock } from "../schedule/clock.ts";
import { releaseOffset } from "../schedule/offset.ts";
import { nextTick } from "../schedule/ticks.ts";

/** What the agent knows about itself, for `inspect-queue`. */
export type AgentState = {
  /** Starts over with this configuration: nothing is known about its key and plugins. */
  configured(config: Config, plugins: readonly string[]): void;
  /** Returns the intake, which now reports what it answers about the key and how much it was sent. */
  watch(intake: Intake): Intake;
  captured(outcome: PluginOutcome): void;
  status(): AgentStatus | undefined;
};

type Plugins = AgentStatus["plugins"];

/** Characters of a key that is long enough to show its last four. */
const LONG_KEY = 16;

/** `confirmed`: whether the clock is; `cardToday`: bytes written to the card today, where they are known. Moments are kept in monotonic time, so that a clock that is set does not move them. */
export function createAgentState(
  version: string,
  clock: Clock,
  confirmed: () => boolean,
  cardToday: () => number | undefined = () => undefined,
): AgentState {
  const begin = clock.monotonic();
  const plugins = new Map<string, Plugins[number]>();
  let config: Config | undefined;
  let key: { answer: "accepted" | "refused"; at: number } | undefined;
  let bytes = 0;
  const timeAt = (monotonic: number) => clock.now() - (clock.monotonic() - monotonic);
  const put = (name: string, fields: Omit<Plugins[number], "name">) => plugins.set(name, { name, ...fields });

  return {
    configured(given, names) {
      config = given;
      key = undefined;
      plugins.clear();
      for (const name of names) put(name, { ok: null, reason: null, remedy: null });
    },
    watch: (intake) => ({
      ...intake,
      post: async (...request) => {
        const delivery = await intake.post(...request);
        const answer = aboutKey(delivery);
        if (answer !== undefined) key = { answer, at: clock.monotonic() };
        bytes += request[1].length;
        return delivery;
      },
    }),
    captured: ({ plugin, ok, reason = null, remedy = null }) => put(plugin, { ok, reason, remedy }),
    status() {
      if (config === undefined) return undefined;
      const { apiKey = "", captureInterval, host, intakeUrls, releaseInterval } = config;
      const card = cardToday();
      const offset = releaseOffset(host, captureInterval, releaseInterval);
      return {
        version,
        started_at: timeAt(begin),
        destination: { metrics: intakeUrls.series, logs: intakeUrls.logs },
        key: {
          ends_with: apiKey.length < LONG_KEY ? null : apiKey.slice(-4),
          answer: key?.answer ?? "unknown",
          at: key === undefined ? null : timeAt(key.at),
        },
        next_delivery_at: nextTick(clock.now(), releaseInterval, offset),
        bytes_sent: bytes,
        plugins: [...plugins.values()],
        clock_confirmed: confirmed(),
        ...(card !== undefined && { card_bytes_today: card }),
      };
    },
  };
}

/** Returns what an answer says about the key; undefined for one of which the key was not the reason. */
function aboutKey({ outcome, status }: Delivery): "accepted" | "refused" | undefined {
  if (outcome === "accepted") return "accepted";
  return status === 401 || status === 403 ? "refused" : undefined;
}
