import type { Config } from "../config/config.ts";
import { parseListen } from "../config/listen.ts";
import { type LogSource, plainSource } from "../config/log-sources.ts";
import { lines } from "../io/lines.ts";
import { createSelfMetrics } from "../jobs/self-metrics.ts";
import type { Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import { createFileSource } from "../logs/files/file-source.ts";
import { createJournalSource } from "../logs/journal/journal-source.ts";
import type { SourceOptions } from "../logs/log-line.ts";
import { createLogsJob, type LogsJob } from "../logs/logs-job.ts";
import { createSocketSource } from "../logs/sockets/socket-source.ts";
import type { Source } from "../logs/stream.ts";
import { createMask } from "../logs/text/mask.ts";
import { compilePattern } from "../logs/text/pattern.ts";
import { orderedKeys } from "../records/key.ts";
import { type Clock, systemClock } from "../schedule/clock.ts";
import type { Storage } from "../storage/storage.ts";

/** Seconds between two looks at the sources of logs; where each commit is written to the card, more. */
const EVERY = 2;
const EVERY_ON_CARD = 10;

/** Seconds beyond two release intervals in which a delivery is expected. */
const PATIENCE = 60;

/** Lines of each source that a dry run begins with, so that there is something to see. */
const SHOWN = 10;

export type LogsParts = { clock: Clock; storage: Storage; log: Logger; dryRun: boolean; hostname: string };

/** Creates the job that takes the logs of the device; undefined when none are configured. Nothing is opened before its first run. */
export function appLogs(
  config: Config,
  { clock, storage, log, dryRun, hostname }: LogsParts,
): LogsJob | undefined {
  const sources = sourcesOf(config, dryRun, hostname);
  if (sources.length === 0) return undefined;
  const newKey = orderedKeys(clock.now);
  const onCard = config.storage.type === "sqlite" && config.storage.strict;
  const limited = rateLimited(log, clock);
  const troubled = new Map<string, string>();
  return createLogsJob({
    sources,
    storage,
    clock,
    newKey,
    mask: createMask(config.logMask.map(compilePattern)),
    bytesPerDay: config.logsMaxBytesPerDay === 0 ? Number.POSITIVE_INFINITY : config.logsMaxBytesPerDay,
    every: onCard ? EVERY_ON_CARD : EVERY,
    patience: 2 * config.releaseInterval + PATIENCE,
    notesOf: config.storage.type === "redis" ? `${config.host}:` : "",
    measure: config.sendSelfMetrics ? createSelfMetrics(clock.now, newKey).logs : undefined,
    news: (about, message) => limited.warn(about, {}, message),
    problem: (what, reason, remedy) => {
      const before = troubled.get(what);
      if (reason === undefined) {
        if (troubled.delete(what)) log.info(`logs of ${what} are read`);
      } else if (before !== reason) {
        troubled.set(what, reason);
        log.warn({ remedy }, `logs of ${what}: ${reason}`);
      }
    },
  });
}

/** The configured sources of logs. */
export function sourcesOf(config: Config, dryRun: boolean, hostname: string): Source[] {
  const lastLines = dryRun ? SHOWN : 0;
  const files = config.logFiles.map((it) =>
    createFileSource(
      { ...optionsOf(it, config), path: it.what, multiLine: it.multiLine },
      { root: config.hostRoot, compile: compilePattern, lastLines, now: systemClock.now },
    ),
  );
  const sockets = config.logsListen.map((it) =>
    createSocketSource({ ...optionsOf(it, config), ...parseListen(it.what), name: it.what }, hostname),
  );
  return [...files, ...journalsOf(config, lastLines), ...sockets];
}

/** Units that are only named share one journalctl; each with options of its own has another. */
function journalsOf(config: Config, lastLines: number): Source[] {
  const plain = config.journaldUnits.filter(
    (it) => JSON.stringify(it) === JSON.stringify(plainSource(it.what)),
  );
  const others = config.journaldUnits.filter((it) => !plain.includes(it));
  const choices = [...(plain.length === 0 ? [] : [plain]), ...others.map((it) => [it])];
  return choices.flatMap((units, i) => {
    const [first] = units;
    if (first === undefined) return [];
    const names = units.map((it) => it.what);
    const name = i === 0 ? "journal" : `journal:${names.join(",")}`;
    const choice = { ...optionsOf(first, config), units: names };
    return [createJournalSource(choice, { lines, lastLines, name, sleep: systemClock.sleep })];
  });
}

function optionsOf(source: LogSource, { logsLevel }: Config): SourceOptions {
  const { what: _what, multiLine: _multiLine, ...options } = source;
  return { ...options, level: options.level ?? logsLevel };
}
