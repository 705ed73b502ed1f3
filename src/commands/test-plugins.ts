import { ConfigError } from "../errors.ts";
import type { PluginOutcome, Supervised } from "../jobs/supervise.ts";
import type { Source } from "../logs/stream.ts";
import { formatValue } from "../terminal/format-value.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantities.ts";
import { formatTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";
import { formatTestedLogs, testLogs } from "./test-logs.ts";

/** A plugin to try: ready, or with the reason why its variables are invalid. */
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
  /** DogStatsD lines for the windows of applications. */
  lines?: readonly string[];
  reason: string | null;
  remedy: string | null;
};

export type TestPluginsOptions = {
  json: boolean;
  /** True when the candidates were named on the command line; else they are all plugins. */
  named: boolean;
  /** True when the agent runs, which listens at the addresses of its sources. */
  agentRuns?: boolean;
  /** Sources of logs, whose last lines are read. */
  sources?: readonly Source[];
};

/**
 * Captures once with each plugin, one after the other so that none distorts another's values or duration, then reads the last lines of
 * each source of logs. Prints its points and duration,
 * or the reason and remedy when there are none. Resolves to 1 when a configured or named plugin failed, else 0; rejects
 * with ConfigError, before any capture, when the variables of a named plugin are invalid.
 */
export async function testPlugins(
  terminal: Pick<Terminal, "print" | "clock" | "stop" | "width">,
  candidates: readonly Candidate[],
  { json, named, sources = [], agentRuns = false }: TestPluginsOptions,
): Promise<number> {
  const { print, clock, stop, width } = terminal;
  const issues = candidates.flatMap((candidate) => ("reason" in candidate ? candidate.reason : []));
  if (named && issues.length > 0) throw new ConfigError(issues);

  const tested: Tested[] = [];
  for (const candidate of candidates) {
    const plugin = await tryPlugin(candidate, clock.now(), stop);
    if (!json) print(formatTested(plugin, width));
    tested.push(plugin);
  }
  const logs = await testLogs(sources, terminal, agentRuns);
  if (json) print(`${printableJson({ plugins: tested, ...(logs.length > 0 && { logs }) })}\n`);
  else {
    print(formatTestedLogs(logs, width));
    if (!named) print(suggest(tested));
  }
  const failed =
    tested.some(({ ok, configured }) => !ok && (configured || named)) || logs.some(({ ok }) => !ok);
  return failed ? 1 : 0;
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
    ...(outcome.lines !== undefined && { lines: outcome.lines }),
    reason: outcome.reason ?? null,
    remedy: outcome.remedy ?? null,
  };
}

function formatTested(
  { name, ok, configured, duration_ms, points, lines = [], reason, remedy }: Tested,
  width: number,
): string {
  const state = ok ? (points.length + lines.length > 0 ? "ok" : "nothing here") : "FAILED";
  const printed = [
    `${printable(name)}: ${state}, ${formatCount(points.length, "point")} in ${duration_ms} ms${configured ? "" : " (not configured)"}\n`,
  ];
  if (points.length > 0) {
    const rows = points.map(({ metric, value, tags }) => [
      `  ${metric}`,
      formatValue(metric, value),
      tags.join(" "),
    ]);
    printed.push(
      formatTable([{ title: "  METRIC" }, { title: "VALUE", right: true }, { title: "TAGS" }], rows, width),
    );
  }
  if (lines.length > 0)
    printed.push(`  for the windows: ${lines.map(printable).join("\n                   ")}\n`);
  if (reason !== null) printed.push(wrap(`  why:   ${printable(reason)}\n`, width));
  if (remedy !== null) printed.push(`  to do: ${printable(remedy)}\n`);
  return `${printed.join("")}\n`;
}

/** Suggests changes to the environment file; the last line is the complete COLLECT_PLUGINS to paste there. */
function suggest(tested: readonly Tested[]): string {
  const configured = tested.filter((plugin) => plugin.configured);
  const vain = configured.filter(({ ok, points, lines }) => ok && points.length + (lines?.length ?? 0) === 0);
  const more = tested.filter((plugin) => !plugin.configured && plugin.ok && plugin.points.length > 0);
  const commands = configured.filter((plugin) => isCommand(plugin) && !vain.includes(plugin));
  const rest = configured.filter((plugin) => !isCommand(plugin) && !vain.includes(plugin));
  const named = (label: string, plugins: readonly Tested[]) =>
    plugins.length === 0 ? "" : `${label}: ${namesOf(plugins).map(printable).join(", ")}\n`;
  const hints = [
    configured.length === 0 ? "" : named("Also available on this machine", more),
    named("Configured, but not available on this machine", vain),
    named("Commands are listed without their arguments; keep their entries as they are", commands),
  ].join("");
  return `${hints}${headingOf(configured, more, hints)}\n${lineOf([...rest, ...more])}\n`;
}

function headingOf(configured: readonly Tested[], more: readonly Tested[], hints: string): string {
  if (hints !== "") return "For the environment file:";
  if (configured.length > 0) return "COLLECT_PLUGINS already has every plugin that works on this machine:";
  return more.length > 0
    ? "The plugins that work on this machine, for the environment file:"
    : "No plugin works on this machine; the reasons are above.";
}

/** Formats the names as JSON, whose quotes an environment file keeps (env-file.ts); it removes backslashes that are not doubled. */
function lineOf(tested: readonly Tested[]): string {
  return `COLLECT_PLUGINS=${JSON.stringify(namesOf(tested)).replaceAll("\\", "\\\\")}`;
}

/** True for a command, which is named after its program alone because an argument may be a password. */
function isCommand({ name }: Tested): boolean {
  return name.startsWith("exec:");
}

function namesOf(tested: readonly Tested[]): string[] {
  return tested.map(({ name }) => name);
}
