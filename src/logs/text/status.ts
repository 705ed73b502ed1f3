/** Statuses of Datadog's logs, in the order of syslog's severities: https://docs.datadoghq.com/logs/log_configuration/processors/#log-status-remapper */
export const STATUSES = [
  "emergency",
  "alert",
  "critical",
  "error",
  "warn",
  "notice",
  "info",
  "debug",
] as const;

export type Status = (typeof STATUSES)[number];

/** Words that programs use for the statuses, in lower case. */
const WORDS: Readonly<Record<string, Status>> = {
  emergency: "emergency",
  emerg: "emergency",
  panic: "emergency",
  alert: "alert",
  critical: "critical",
  crit: "critical",
  fatal: "critical",
  error: "error",
  err: "error",
  severe: "error",
  warning: "warn",
  warn: "warn",
  notice: "notice",
  info: "info",
  informational: "info",
  information: "info",
  debug: "debug",
  trace: "debug",
  verbose: "debug",
};

/** Returns the status of a syslog severity or the journal's PRIORITY, 0 (emergency) to 7 (debug); undefined for anything else. */
export function statusOfSeverity(severity: number): Status | undefined {
  return STATUSES[severity];
}

/** Returns the status that a word such as `WARNING` or `err` stands for, in any case. */
export function statusOfWord(word: string): Status | undefined {
  const lower = word.toLowerCase();
  return Object.hasOwn(WORDS, lower) ? WORDS[lower] : undefined;
}

/** Returns 0 for emergency to 7 for debug; a log without a status counts as info, as Datadog has it. */
export function severityOf(status: Status | undefined): number {
  return STATUSES.indexOf(status ?? "info");
}

/** Characters at the beginning of a line in which a level is looked for. */
const HEAD = 100;

/** A level in capitals (`2026-01-02 ERROR …`, `[WARN]`), in brackets (nginx's `[error]`) or as `level=warn`. */
const LEVEL =
  /\b(EMERG|ALERT|CRITICAL|CRIT|FATAL|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b|\[(emerg|alert|crit|error|warn|warning|notice|info|debug)\]|\blevel="?(\w+)/;

/** Returns the level that the beginning of a line names, e.g. `warn` for `2026-01-02 03:04:05 WARNING disk is slow`. */
export function statusInText(line: string): Status | undefined {
  const found = LEVEL.exec(line.length > HEAD ? line.slice(0, HEAD) : line);
  return found === null ? undefined : statusOfWord(found[1] ?? found[2] ?? found[3] ?? "");
}
