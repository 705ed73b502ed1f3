import type { Delivery } from "../datadog/delivery.ts";
import type { Item } from "../datadog/encoding.ts";
import type { Lease, NewRecord, StoredRecord } from "../storage/storage.ts";
import { lastDeliveryNote } from "./last-delivery.ts";
import { countRejected, type Rejected, rejectRecords } from "./rejected.ts";
import type { SendDeps, SendReport } from "./send-report.ts";
import type { Track } from "./track.ts";

/** Applies the intake's answers to the queue. Each is one atomic commit under the lease, then counted in the report. */
export type Settlement<T> = {
  /** Removes accepted records and adds Chouette's own counts of them in one commit. `bytes` went over the wire. */
  accepted(items: readonly Item<T>[], bytes: number): Promise<void>;
  /** Moves records that can never be sent, or not even be read, to the rejected queue. */
  rejected(refused: readonly Rejected[], as?: "rejected" | "malformed"): Promise<void>;
  /** Notes for `inspect-queue` that the intake did not take the records; the same error only once. */
  failed(delivery: Delivery): Promise<void>;
  /** Stores Chouette's own measurements that were not stored together with an accepted payload. */
  finish(): Promise<void>;
};

export function createSettlement<T>(
  { storage, clock, selfMetrics }: Pick<SendDeps, "storage" | "clock" | "selfMetrics">,
  { name, queue }: Track<T>,
  lease: Lease,
  report: SendReport,
  { own, progress }: { own: NewRecord[]; progress?: ((report: SendReport) => void) | undefined },
): Settlement<T> {
  const takeOwn = () => own.splice(0);
  let noted = "";
  return {
    accepted: async (items, bytes) => {
      const number = items.reduce((total, { weight }) => total + weight, 0);
      const dispatched = selfMetrics?.dispatched(name, number, bytes) ?? [];
      await storage.commit({
        lease,
        remove: [{ queue, keys: items.map(({ key }) => key) }],
        add: [{ queue: "chouette:metrics:raw", records: [...takeOwn(), ...dispatched] }],
        notes: lastDeliveryNote(clock.now(), report.rejected),
      });
      report.delivered += number;
      report.bytes += bytes;
      progress?.(report);
    },
    rejected: async (refused, as = "rejected") => {
      if (refused.length === 0) return;
      countRejected(report[as], refused);
      await storage.commit({
        lease,
        ...rejectRecords(queue, refused, clock.now(), as),
        ...(as === "rejected" && { notes: lastDeliveryNote(clock.now(), report.rejected) }),
      });
    },
    failed: async (delivery) => {
      if (delivery.error === noted) return;
      noted = delivery.error;
      await storage.commit({ lease, notes: lastDeliveryNote(clock.now(), report.rejected, delivery) });
    },
    finish: async () => {
      if (own.length > 0)
        await storage.commit({ add: [{ queue: "chouette:metrics:raw", records: takeOwn() }] });
    },
  };
}

/** Divides records into items to deliver and those that cannot be read. */
export function readRecords<T>(
  records: readonly StoredRecord[],
  parse: Track<T>["parse"],
  whyNot: (record: StoredRecord) => string,
): { items: Item<T>[]; unreadable: Rejected[] } {
  const items: Item<T>[] = [];
  const unreadable: Rejected[] = [];
  for (const record of records) {
    const { key, body, at } = record;
    try {
      const parsed = body === undefined ? undefined : parse(body, at);
      if (parsed) items.push({ key, ...parsed });
      else unreadable.push({ key, body, reason: whyNot(record), damaged: record.damaged });
    } catch (error) {
      // A record that makes its parser fail costs only itself.
      unreadable.push({
        key,
        body,
        reason: `it cannot be sent: ${error instanceof Error ? error.message : error}`,
      });
    }
  }
  return { items, unreadable };
}
