import type { Delivery } from "./delivery.ts";
import type { Item } from "./encoding.ts";

/** A record that the intake refused although it was alone in its request. */
export type Suspect<T> = {
  item: Item<T>;
  /** A 400 ("bisect") or a 413 ("halve"). */
  delivery: Delivery;
  rawBytes: number;
  wireBytes: number;
};

/**
 * Decides whether a record refused alone is bad, or the intake refuses everything: a wrong URL, a proxy with a size limit of
 * zero or a broken intake would have the whole queue thrown away, record by record.
 *
 * A request that is accepted after the refusals proves the intake and condemns the suspects. At the end of a call, acceptances
 * before the refusals condemn as many suspects as there were acceptances since the last condemnation, or none. A 413 condemns
 * only where the intake has accepted something larger in the same call, or anything at all when the record is large itself.
 */
export type Trial<T> = {
  /** Adds a suspect and returns how many there are. */
  refused(suspect: Suspect<T>): number;
  /** Returns the suspects that an accepted request of so many compressed bytes condemns. */
  accepted(wireBytes: number): Suspect<T>[];
  /** Divides the remaining suspects at the end of the call. */
  verdict(): { condemned: Suspect<T>[]; doubted: Suspect<T>[] };
};

/** Suspects in a row from which on the intake is doubted rather than the records. */
export const MANY = 10;

/** Bytes of JSON above which a record counts as large. Datadog's smallest limit is 512,000; proxies may allow less. */
const LARGE = 100_000;

/** `trusted`: an earlier call has had something accepted since the last condemnation. */
export function createTrial<T>(trusted: boolean): Trial<T> {
  let suspects: Suspect<T>[] = [];
  let credit = trusted ? 1 : 0;
  let largest = 0;
  const credible = ({ delivery, rawBytes, wireBytes }: Suspect<T>) =>
    delivery.outcome === "bisect" || largest > (rawBytes > LARGE ? 0 : wireBytes);

  return {
    refused: (suspect) => suspects.push(suspect),
    accepted: (wireBytes) => {
      largest = Math.max(largest, wireBytes);
      const condemned = suspects.filter(credible);
      suspects = suspects.filter((suspect) => !credible(suspect));
      credit = condemned.length > 0 ? 0 : credit + 1;
      return condemned;
    },
    verdict: () => {
      const believed = suspects.length > MANY ? [] : suspects.filter(credible);
      const condemned = believed.length <= credit ? believed : [];
      return { condemned, doubted: suspects.filter((suspect) => !condemned.includes(suspect)) };
    },
  };
}
