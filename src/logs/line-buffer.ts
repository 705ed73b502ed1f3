/** Lines that arrived and wait to be taken; bounded in number and bytes. */
export type LineBuffer<T> = {
  isFull(): boolean;
  push(item: T, bytes: number): void;
  /** Takes items of about so many bytes, in their order; one at least when there is any and `maxBytes` is not 0. */
  take(maxBytes: number): T[];
  bytes(): number;
  /** Resolves when there is room, or the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
};

export function createLineBuffer<T>(maxItems: number, maxBytes: number): LineBuffer<T> {
  let items: { item: T; bytes: number }[] = [];
  let total = 0;
  const waiting: (() => void)[] = [];
  const isFull = () => items.length >= maxItems || total >= maxBytes;
  return {
    isFull,
    push(item, bytes) {
      items.push({ item, bytes });
      total += bytes;
    },
    take(most) {
      let bytes = 0;
      let count = 0;
      for (const it of items) {
        if (bytes >= most) break;
        bytes += it.bytes;
        count++;
      }
      const taken = items.slice(0, count).map(({ item }) => item);
      items = items.slice(count);
      total -= bytes;
      if (!isFull()) for (const wake of waiting.splice(0)) wake();
      return taken;
    },
    bytes: () => total,
    async room(signal) {
      while (isFull() && !signal.aborted)
        await new Promise<void>((resolve) => {
          const done = () => {
            signal.removeEventListener("abort", done);
            resolve();
          };
          waiting.push(done);
          signal.addEventListener("abort", done);
        });
    },
  };
}
