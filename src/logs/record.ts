import type { LogLine, SourceOptions } from "./log-line.ts";

/**
 * Returns the function that makes the body of a log's record in `chouette:logs:wrapped`. What the source adds to a JSON object comes
 * first, so that the fields of the object win over it, with their digits as they were written. It runs for every line, so that text
 * is joined instead of objects built; see `scripts/bench.sh logs`.
 */
export function createLogBody(
  { service, source, tags }: SourceOptions,
  sourceTags: readonly string[],
): (line: LogLine) => string {
  const ownTags = [...tags, ...sourceTags];
  const ownFields = `${field("ddsource", source)}${tagsField(ownTags)}`;
  const services = new Map<string | undefined, string>();

  const serviceField = (name: string | undefined): string => {
    const known = services.get(name);
    if (known !== undefined) return known;
    const made = field("service", service ?? name);
    services.set(name, made);
    return made;
  };

  return ({ message, json, at, status, service: name, tags: lineTags, host, pid }) => {
    const fields =
      lineTags === undefined
        ? ownFields
        : `${field("ddsource", source)}${tagsField([...ownTags, ...lineTags])}`;
    const level = status === undefined ? "" : `,"status":"${status}"`;
    const origin =
      (host === undefined ? "" : field("hostname", host)) + (pid === undefined ? "" : field("pid", pid));
    const added = `"timestamp":${Math.round(at * 1000)}${level}${serviceField(name)}${fields}${origin}`;
    if (!json) return `{"message":${quoted(message)},${added}}`;
    const text = message.trim();
    return /^\{\s*\}$/.test(text) ? `{${added}}` : `{${added},${text.slice(1)}`;
  };
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? "" : `,"${name}":${quoted(value)}`;
}

function tagsField(tags: readonly string[]): string {
  return tags.length === 0 ? "" : `,"ddtags":${JSON.stringify(tags)}`;
}

/** Quotes, backslashes, control characters and surrogates, which JSON escapes: most texts have none of them. */
const TO_ESCAPE = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

function quoted(text: string): string {
  return TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
