import { parseLenientJson } from "./lenient-json.ts";

/** A log as an application wrote it; its keys are whatever the application says. */
export type Log = Record<string, unknown>;

/** A record of `chouette:logs:wrapped`, e.g. `{"date": "…", "ddtags": ["a:b"], "level": "INFO", …}`; undefined when it is no JSON object. */
export function parseLog(body: string): Log | undefined {
  const log = parseLenientJson(body);
  return typeof log === "object" && log !== null && !Array.isArray(log) ? (log as Log) : undefined;
}
