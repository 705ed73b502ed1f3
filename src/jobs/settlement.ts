import type { Delivery } from "../datadog/delivery.ts";
import type { Item } from "../datadog/encoding.ts";
import type { Lease, NewRecord } from "../storage/storage.ts";
import { lastDeliveryNote } from "./last-delivery.ts";
import type { RecordParts } from "./record-parts.ts";
import { countRejected, type Rejected, rejectRecords } from "./rejected.ts";
import type { SendDeps, SendReport } from "./send-report.ts";
import type { Track } from "./track.ts";

/** Applies the intake's answers to the queue. Each is one atomic commit under the lease, then counted in the report. */
export type Settlement<T> = {
  /** Removes accepted records and adds Chouette's own counts of them in one commit. `bytes` went over the wire. */
  accepted(items: readonly Item<T>[], bytes: number, parts: RecordParts<T>): Promise<void>;
  /** Moves a part of a record that can never be sent to the rejected queue. */
  rejected(item: Item<T>, reason: string, parts: RecordParts<T>): Promise<void>;
  /** Moves records that cannot be read there. */
  malformed(records: readonly Rejected[]): Promise<void>;
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
    accepted: async (items, bytes, parts) => {
      const number = items.reduce((total, { weight }) => total + weight, 0);
      const dispatched = selfMetrics?.dispatched(name, number, bytes) ?? [];
      const { keys, stay } = parts.take(items);
      await storage.commit({
        lease,
        remove: [{ queue, keys }],
        add: [
          { queue, records: stay },
          { queue: "chouette:metrics:raw", records: [...takeOwn(), ...dispatched] },
        ],
        notes: lastDeliveryNote(clock.now(), report.rejected),
      });
      report.delivered += number;
      report.bytes += bytes;
      progress?.(report);
    },
    rejected: async (item, reason, parts) => {
      const refused = parts.refuse(item, reason);
      countRejected(report.rejected, [refused]);
      const { add, dropped } = rejectRecords(queue, [refused], clock.now(), "rejected");
      const { keys, stay } = parts.take([item]);
      await storage.commit({
        lease,
        remove: [{ queue, keys }],
        add: [...add, { queue, records: stay }],
        dropped,
        notes: lastDeliveryNote(clock.now(), report.rejected),
      });
    },
    malformed: async (records) => {
      if (records.length === 0) return;
      countRejected(report.malformed, records);
      await storage.commit({ lease, ...rejectRecords(queue, records, clock.now(), "malformed") });
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
