import type { Clock } from "../schedule/clock.ts";
import type { Fields, Logger } from "./log.ts";

export type RateLimited = {
  /** Logs unless the same `event` was logged recently; the next line counts those left out. */
  [Level in "debug" | "info" | "warn" | "error"]: (event: string, fields: Fields, message: string) => void;
};

/**
 * Wraps a log for events that may happen a thousand times a minute: logs each at most once in `every` seconds, and ends its next
 * line in `, 37 more since`. Remembers at most `events` of them; while those are all recent, further ones share one place
 * (`, 37 others since`), so that neither memory nor log grows with bad input.
 */
export function rateLimited(
  log: Logger,
  clock: Pick<Clock, "monotonic">,
  every = 60,
  events = 200,
): RateLimited {
  type Place = { at: number; held: number };
  const others: Place = { at: Number.NEGATIVE_INFINITY, held: 0 };
  /** Ordered by the time they were logged, the oldest first. */
  const places = new Map<string, Place>();

  function placeOf(event: string, now: number): Place {
    const known = places.get(event);
    if (known !== undefined) return known;
    for (const [name, place] of places) {
      if (places.size < events || now - place.at < every) break;
      places.delete(name);
    }
    return places.size < events ? { at: Number.NEGATIVE_INFINITY, held: 0 } : others;
  }

  const method = (level: keyof RateLimited) => (event: string, fields: Fields, message: string) => {
    const now = clock.monotonic();
    const place = placeOf(event, now);
    if (now - place.at < every) {
      place.held++;
      return;
    }
    const since = place.held === 0 ? "" : `, ${place.held} ${place === others ? "others" : "more"} since`;
    place.at = now;
    place.held = 0;
    places.delete(event);
    if (place !== others) places.set(event, place);
    log[level](fields, `${message}${since}`);
  };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
