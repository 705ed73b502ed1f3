import { ConfigError } from "../errors.ts";
import type { PluginOutcome, Supervised } from "../jobs/supervise.ts";
import { printable } from "../printable.ts";
import type { Terminal } from "./command.ts";
import { formatValue } from "./format-value.ts";
import { formatCount } from "./quantities.ts";
import { formatTable } from "./table.ts";

/** A plugin that can be tried: set up, or why it could not be. */
export type Candidate = { name: string; configured: boolean } & (
  | { plugin: Supervised }
  | { reason: string; remedy: string }
);

/** The shape of `--json` (contract.md §3). */
type Tested = {
  name: string;
  ok: boolean;
  configured: boolean;
  duration_ms: number;
  points: { metric: string; type: string; value: number; tags: readonly string[]; timestamp: number }[];
  reason: string | null;
  remedy: string | null;
};

export type TestPluginsOptions = {
  json: boolean;
  /** Plugins that were named; empty: all that there are. */
  names: readonly string[];
};

/**
 * One capture of each plugin, one after the other, so that the values and the duration of each are its own, and what it
 * brought: values, duration, and where there is nothing the reason and
 * what to type about it. Resolves to 1 when a plugin failed that is configured or was named, else 0; rejects with ConfigError,
 * before anything is tried, when the variables of a plugin that was named are wrong.
 */
export async function testPlugins(
  { print, clock, stop }: Pick<Terminal, "print" | "clock" | "stop">,
  candidates: readonly Candidate[],
  { json, names }: TestPluginsOptions,
): Promise<number> {
  const issues = candidates.flatMap((candidate) => ("reason" in candidate ? candidate.reason : []));
  if (names.length > 0 && issues.length > 0) throw new ConfigError(issues);

  const tested: Tested[] = [];
  for (const candidate of candidates) {
    const plugin = await tryPlugin(candidate, clock.now(), stop);
    if (!json) print(formatTested(plugin));
    tested.push(plugin);
  }
  if (json) print(`${JSON.stringify({ plugins: tested })}\n`);
  else if (names.length === 0) print(suggest(tested));
  return tested.some(({ ok, configured, name }) => !ok && (configured || names.includes(name))) ? 1 : 0;
}

async function tryPlugin(candidate: Candidate, at: number, stop: AbortSignal): Promise<Tested> {
  const { name, configured } = candidate;
  if (!("plugin" in candidate)) {
    return {
      name,
      ok: false,
      configured,
      duration_ms: 0,
      points: [],
      reason: candidate.reason,
      remedy: candidate.remedy,
    };
  }
  const outcome: PluginOutcome = await candidate.plugin.capture(at, stop);
  await candidate.plugin.close();
  return {
    name,
    ok: outcome.ok,
    configured,
    duration_ms: Math.round(outcome.duration * 1000),
    points: outcome.points.map(({ metric, type, value, tags, timestamp }) => ({
      metric,
      type,
      value,
      tags,
      timestamp,
    })),
    reason: outcome.reason ?? null,
    remedy: outcome.remedy ?? null,
  };
}

function formatTested({ name, ok, configured, duration_ms, points, reason, remedy }: Tested): string {
  const state = ok ? (points.length > 0 ? "ok" : "nothing here") : "FAILED";
  const lines = [
    `${name}: ${state}, ${formatCount(points.length, "point")} in ${duration_ms} ms${configured ? "" : " (not configured)"}\n`,
  ];
  if (points.length > 0) {
    const rows = points.map(({ metric, value, tags }) => [
      `  ${metric}`,
      formatValue(metric, value),
      tags.join(" "),
    ]);
    lines.push(
      formatTable([{ title: "  METRIC" }, { title: "VALUE", right: true }, { title: "TAGS" }], rows),
    );
  }
  if (reason !== null) lines.push(`  why:   ${printable(reason)}\n`);
  if (remedy !== null) lines.push(`  to do: ${printable(remedy)}\n`);
  return `${lines.join("")}\n`;
}

/** What of this machine is worth capturing: the line for the environment file, or what is to be changed in it. */
function suggest(tested: readonly Tested[]): string {
  const useful = tested.filter(({ ok, points }) => ok && points.length > 0);
  const more = namesOf(useful.filter(({ configured }) => !configured));
  if (tested.every(({ configured }) => !configured)) {
    return more === ""
      ? "Nothing of this machine can be captured now; why is said above.\n"
      : `What this machine has, for the environment file:\nCOLLECT_PLUGINS=${more}\n`;
  }
  const vain = namesOf(
    tested.filter(({ ok, configured, points }) => configured && ok && points.length === 0),
  );
  if (more === "" && vain === "") return "COLLECT_PLUGINS names everything that this machine has.\n";
  return [
    more === "" ? "" : `This machine also has, to be added to COLLECT_PLUGINS: ${more}\n`,
    vain === "" ? "" : `COLLECT_PLUGINS names what this machine does not have: ${vain}\n`,
  ].join("");
}

/** Not as JSON: shells take the quotes away. */
function namesOf(tested: readonly Tested[]): string {
  return tested.map(({ name }) => name).join(",");
}
