import * as v from "valibot";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatSeconds } from "../terminal/quantities.ts";

const AgentStatus = v.object({
  version: v.string(),
  /** Unix seconds, as all of the times here. */
  started_at: v.number(),
  /** The bases of the two intakes, without a path of a track. */
  destination: v.object({ metrics: v.string(), logs: v.string() }),
  key: v.object({
    /** The last four characters; null for one so short that they would give it away. */
    ends_with: v.nullable(v.string()),
    answer: v.picklist(["accepted", "refused", "unknown"]),
    at: v.nullable(v.number()),
  }),
  next_delivery_at: v.number(),
  /** Since the start, on the wire, whether it was accepted or not. */
  bytes_sent: v.number(),
  plugins: v.array(
    v.object({
      name: v.string(),
      /** Null before the first capture. */
      ok: v.nullable(v.boolean()),
      reason: v.nullable(v.string()),
      remedy: v.nullable(v.string()),
    }),
  ),
  clock_confirmed: v.boolean(),
  /** Missing where it is not measured. */
  card_bytes_today: v.optional(v.number()),
});

/** What the running agent says about itself; the shape in `--json`. */
export type AgentStatus = v.InferOutput<typeof AgentStatus>;

/** Reads an agent's answer to the question "status"; undefined when there is none, or one of another version. */
export function readAgentStatus(answer: unknown): AgentStatus | undefined {
  const parsed = v.safeParse(AgentStatus, answer);
  return parsed.success ? parsed.output : undefined;
}

/** Formats the lines about the agent that come before those of the last delivery, and those after it. */
export function formatAgent(
  agent: AgentStatus | null,
  socket: string,
  now: number,
): { before: string[]; after: string[] } {
  if (agent === null)
    return {
      before: [
        `agent          none answers at ${printable(socket)}: it does not run, or belongs to another user. To start it: sudo systemctl start chouette, or chouette run; why it ended: sudo journalctl -u chouette -n 20`,
      ],
      after: [],
    };
  const { destination, plugins, clock_confirmed, card_bytes_today: card } = agent;
  const since = new Date(agent.started_at * 1000).toISOString().slice(0, 16).replace("T", " ");
  return {
    before: [
      `agent          ${printable(agent.version)}, running since ${since} UTC (${formatSeconds(now - agent.started_at)})`,
      `destination    metrics to ${hostOf(destination.metrics)}, logs to ${hostOf(destination.logs)}`,
      `key            ${formatKey(agent.key, now)}`,
      `next delivery  in ${formatSeconds(Math.max(0, agent.next_delivery_at - now))}`,
    ],
    after: [
      ...formatPlugins(plugins),
      ...(clock_confirmed ? ["clock          confirmed"] : []),
      ...(card === undefined ? [] : [`card           ${formatBytes(card)} written today`]),
    ],
  };
}

function formatKey({ ends_with: end, answer, at }: AgentStatus["key"], now: number): string {
  const name = end === null ? "the configured one" : `…${printable(end)}`;
  if (answer === "unknown" || at === null) return `${name}, no answer about it yet`;
  const when = `${answer} ${formatSeconds(now - at)} ago`;
  return answer === "accepted"
    ? `${name}, ${when}`
    : `${name}, ${when}: it is wrong, or the key of another site (DD_SITE)`;
}

/** One line for the plugins that work, and one for each that fails or leaves something out. */
function formatPlugins(plugins: AgentStatus["plugins"]): string[] {
  if (plugins.length === 0)
    return ["plugins        none configured; to see what there is: chouette test-plugins"];
  const good = plugins.filter(({ ok, reason }) => ok === true && reason === null);
  const waiting = plugins.filter(({ ok }) => ok === null);
  const others = plugins.filter((plugin) => !good.includes(plugin) && !waiting.includes(plugin));
  const named = (some: AgentStatus["plugins"]) => some.map(({ name }) => printable(name)).join(", ");
  const lines = [
    ...(good.length > 0 ? [`${good.length} ok: ${named(good)}`] : []),
    ...(waiting.length > 0 ? [`no capture yet: ${named(waiting)}`] : []),
    ...others.map(({ name, ok, reason, remedy }) => {
      const toDo = ok || remedy === null ? "" : `; to do: ${printable(remedy)}`;
      const why = printable(reason ?? "without a reason");
      // Modules are called by their paths, which their reasons begin with.
      return why.startsWith(`${printable(name)} `)
        ? `${why}${toDo}`
        : `${printable(name)}${ok ? "" : " fails"}: ${why}${toDo}`;
    }),
  ];
  return lines.map((line, index) => `${index === 0 ? "plugins        " : "  "}${line}`);
}

function hostOf(url: string): string {
  return printable(URL.canParse(url) ? new URL(url).host : url);
}
