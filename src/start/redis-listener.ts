import type { RedisListen } from "../config/redis-listen-variables.ts";
import { listenResp, type RespServer } from "../resp/listen.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Storage } from "../storage/storage.ts";

export type RedisListener = {
  /**
   * Opens the place of the configuration and closes another one; what stays the same stays open. Resolves to the place when it
   * was opened just now. Rejects with ListenError.
   */
  open(listen: RedisListen | undefined): Promise<string | undefined>;
  close(): Promise<void>;
};

/** `commit` stores in the queues of the configuration at that moment. */
export function createRedisListener(clock: Pick<Clock, "now">, commit: Storage["commit"]): RedisListener {
  let server: RespServer | undefined;
  let opened = "";

  const close = async () => {
    await server?.close();
    server = undefined;
    opened = "";
  };

  return {
    close,
    async open(listen) {
      const key = JSON.stringify(listen ?? "");
      if (key === opened) return undefined;
      await close();
      if (listen === undefined) return undefined;
      const { place, password } = listen;
      server = await listenResp(place, { storage: { commit }, password, now: clock.now });
      opened = key;
      return server.where;
    },
  };
}
