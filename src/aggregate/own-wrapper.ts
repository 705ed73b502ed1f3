import { ConfigError } from "../errors.ts";
import type { Wrapped, Wrapper } from "./wrapper.ts";

/**
 * Loads a custom wrapper from a JavaScript or TypeScript module: its default export is called like a built-in one, and its result
 * is validated, so that a mistake in it costs only that metric.
 * Rejects with ConfigError when the module cannot be used at all.
 */
export async function loadOwnWrapper(
  path: string,
  importModule: (path: string) => Promise<unknown>,
): Promise<Wrapper> {
  const exported = await importModule(path).catch((error: unknown) => {
    throw new ConfigError([
      `METRICS_WRAPPER: cannot load ${path}: ${error instanceof Error ? error.message : error}`,
    ]);
  });
  const wrap = (exported as { default?: unknown } | undefined)?.default;
  if (typeof wrap !== "function") {
    throw new ConfigError([
      `METRICS_WRAPPER: ${path} has no default export that is a function: export default (merged) => [...]`,
    ]);
  }
  return (merged) => {
    const wrapped: unknown = wrap(merged);
    if (Array.isArray(wrapped) && wrapped.every(isWrapped)) return wrapped;
    throw new TypeError(
      `${path} returned ${JSON.stringify(wrapped)?.slice(0, 200)}, expected [{ metric, type, value }]`,
    );
  };
}

function isWrapped(item: unknown): item is Wrapped {
  if (typeof item !== "object" || item === null) return false;
  const { metric, type, value, interval } = item as Record<string, unknown>;
  return (
    typeof metric === "string" &&
    (type === "count" || type === "gauge" || type === "rate") &&
    typeof value === "number" &&
    (interval === undefined || typeof interval === "number")
  );
}
