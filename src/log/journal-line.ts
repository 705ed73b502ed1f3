/** Priorities of syslog(3), as systemd reads them at the beginning of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<string, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** Returns a line for the journal, which has the time and the program itself: `<4>the intake does not answer`. */
export function journalLine(level: string, text: string): string {
  return `<${PRIORITIES[level] ?? PRIORITIES.info}>${text}\n`;
}

/** Marks the lines that are not of the log, in either form, as warnings or errors: why the agent cannot start, for example. */
export function markedForJournal(text: string): string {
  return text
    .replace(/^(?=warning: )/gm, `<${PRIORITIES.warn}>`)
    .replace(/^(?!<\d>|\{)(?=.)/gm, `<${PRIORITIES.error}>`);
}
