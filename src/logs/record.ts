import type { LogLine, SourceOptions } from "./log-line.ts";

/**
 * Returns the body of a log's record in `chouette:logs:wrapped`. What the source adds comes first, so that the fields of a JSON
 * object win over it, with their digits as they were written.
 */
export function logBody(
  line: LogLine,
  { service, source, tags }: SourceOptions,
  sourceTags: readonly string[],
): string {
  const all = [...tags, ...sourceTags, ...(line.tags ?? [])];
  const added = {
    timestamp: Math.round(line.at * 1000),
    status: line.status,
    service: service ?? line.service,
    ddsource: source,
    ddtags: all.length === 0 ? undefined : all,
    hostname: line.host,
    pid: line.pid,
  };
  if (!line.json) return JSON.stringify({ message: line.message, ...added });
  const text = line.message.trim();
  const isEmpty = /^\{\s*\}$/.test(text);
  return `${JSON.stringify(added).slice(0, -1)}${isEmpty ? "}" : `,${text.slice(1)}`}`;
}
