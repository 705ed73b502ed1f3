import type { Clock } from "../schedule/clock.ts";

/** What the agent writes to the card, in bytes; undefined where it is not known. */
export type CardBytes = {
  /** Since midnight (UTC) or since its start, whichever was later. */
  today(): number | undefined;
  /** Since the last call, which a capture makes. */
  sinceLast(): number | undefined;
};

const DAY = 86_400;

/** `written` counts bytes since the start of the process. */
export function createCardBytes({ now }: Pick<Clock, "now">, written: () => number | undefined): CardBytes {
  let day = Math.floor(now() / DAY);
  let midnight = 0;
  let last = 0;
  let captured = 0;

  function look(): number | undefined {
    const total = written();
    if (total === undefined) return undefined;
    const today = Math.floor(now() / DAY);
    if (today !== day) [day, midnight] = [today, last];
    last = total;
    return total;
  }

  return {
    today() {
      const total = look();
      return total === undefined ? undefined : total - midnight;
    },
    sinceLast() {
      const total = look();
      if (total === undefined) return undefined;
      const bytes = total - captured;
      captured = total;
      return bytes;
    },
  };
}
