import type { Listener } from "../dogstatsd/listener.ts";
import type { Receive } from "../dogstatsd/receiver.ts";

/** A socket that systemd passed. It is opened once, because its descriptor would be gone with it. */
export type Kept<L extends Listener, Options extends unknown[]> = {
  /** Returns the listener, opened with these options the first time; its `close` makes that what arrives is read and thrown away. */
  use(...options: Options): Promise<L>;
  /** Closes the socket for good. */
  close(): Promise<void>;
};

export function keepOpen<L extends Listener, Options extends unknown[]>(
  open: (receive: Receive, ...options: Options) => L | Promise<L>,
  receive: Receive,
): Kept<L, Options> {
  let kept: L | undefined;
  let used = false;
  return {
    async use(...options) {
      used = true;
      kept ??= await open(
        (packet) => {
          // Otherwise the kernel's queue would be full, and senders would wait.
          if (used) receive(packet);
        },
        ...options,
      );
      return {
        ...kept,
        close: async () => {
          used = false;
        },
      };
    },
    async close() {
      await kept?.close();
      kept = undefined;
    },
  };
}
