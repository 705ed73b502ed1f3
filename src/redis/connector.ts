import { lookup } from "node:dns/promises";
import { connect, isIP, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { RedisOptions } from "ioredis";
import type { RedisAddress } from "./address.ts";

/** Seconds that a connection may take, the name's addresses in turn. */
export const CONNECT = 2;

/** Milliseconds within which a server that refuses the connection sends a line and closes, and the form of that line. */
const UNASKED = 200;
const REFUSAL = /^-((?:DENIED|ERR max number of clients)[^\r\n]*)/;

type Find = (host: string) => Promise<readonly { address: string }[]>;

/** The target of one attempt: a socket's path or an IP address. */
type Target = { path: string } | { host: string; port: number };

/**
 * Returns what ioredis makes its connections with, in place of its own: every address of a name is tried in turn. Node asks for
 * names with AI_ADDRCONFIG, which gives only `::1` for `localhost` while the machine has no IPv4 address beside its loopback;
 * Redis listens on 127.0.0.1 alone. `onStream` gets each connection before anything is read from it.
 * After a connection on which nothing came, the next one is listened to before anything is sent: the kernel throws away what a
 * server sent before it closed when the client writes at that moment.
 */
export function connectorTo(
  address: RedisAddress,
  onStream: (stream: Socket) => void,
  find: Find = (host) => lookup(host, { all: true, hints: 0 }),
) {
  function Connector() {
    let given = new AbortController();
    let stream: Socket | undefined;
    let wasMute = false;
    const connector = {
      firstError: undefined as Error | undefined,
      check: () => true,
      /** Never rejects, because ioredis would not try again after that: a failed attempt is a destroyed stream and `firstError`. */
      connect: async (): Promise<Socket> => {
        given = new AbortController();
        connector.firstError = undefined;
        try {
          const open = openStream(address, find, given.signal, wasMute);
          stream = await within(open, CONNECT * 1000, given.signal);
          stream.on("error", (error) => {
            connector.firstError ??= error;
          });
          wasMute = true;
          stream.once("data", () => {
            wasMute = false;
          });
          onStream(stream);
        } catch (error) {
          given.abort();
          connector.firstError = error as Error;
          stream = new Socket().destroy();
        }
        return stream;
      },
      disconnect: () => {
        given.abort();
        stream?.destroy();
      },
    };
    return connector;
  }
  return Connector as unknown as NonNullable<RedisOptions["Connector"]>;
}

async function openStream(
  address: RedisAddress,
  find: Find,
  given: AbortSignal,
  listen: boolean,
): Promise<Socket> {
  const targets = await targetsOf(address, find);
  let last: unknown;
  for (const target of targets) {
    if (given.aborted) break;
    try {
      const stream = await attempt(target, address, (CONNECT * 1000) / targets.length, given);
      if (listen) await hear(stream, given);
      return stream;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function targetsOf(
  { path, host = "localhost", port = 6379 }: RedisAddress,
  find: Find,
): Promise<Target[]> {
  if (path !== undefined) return [{ path }];
  if (isIP(host) !== 0) return [{ host, port }];
  return (await find(host)).map(({ address }) => ({ host: address, port }));
}

/** Resolves to a connection that is ready to be written to; nothing of it is read yet. */
function attempt(target: Target, { host, tls, authorities }: RedisAddress, ms: number, given: AbortSignal) {
  // The certificate is checked against the name, not against the address that was found for it.
  const servername = host !== undefined && isIP(host) === 0 ? { servername: host } : {};
  // NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise accept any certificate.
  const trust = { rejectUnauthorized: true, ...(authorities !== undefined && { ca: [...authorities] }) };
  const stream = tls ? connectTls({ ...target, ...servername, ...trust }) : connect(target);
  // The receiver of the stream listens later; an unhandled error would end the process.
  stream.on("error", () => {});
  const connected = new Promise<Socket>((resolve, reject) => {
    stream.once(tls ? "secureConnect" : "connect", () => resolve(stream.pause()));
    stream.once("error", reject);
    stream.once("close", () => reject(new Error("closed")));
  });
  return within(connected, ms, given).catch((error: unknown) => {
    stream.destroy();
    throw error;
  });
}

/** Rejects when the server speaks first, with what it says where that is a refusal. */
async function hear(stream: Socket, given: AbortSignal): Promise<void> {
  const heard = new Promise<void>((_, reject) => {
    stream.once("data", (bytes) => reject(new Error(refusalIn(Buffer.from(bytes)) ?? "unexpected answer")));
    stream.once("close", () => reject(new Error("closed")));
  });
  const quiet = AbortSignal.any([given, AbortSignal.timeout(UNASKED)]);
  const isQuiet = new Promise<void>((resolve) => quiet.addEventListener("abort", () => resolve()));
  stream.resume();
  try {
    await Promise.race([heard, isQuiet]);
    given.throwIfAborted();
    stream.pause().removeAllListeners("data");
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Returns the refusal that the first bytes of a connection are. */
export function refusalIn(bytes: Buffer): string | undefined {
  return REFUSAL.exec(bytes.toString("latin1", 0, 1000))?.[1];
}

/** Rejects with ETIMEDOUT when it takes longer, and with "closed" when the connection is given up. */
function within<T>(work: Promise<T>, ms: number, given: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" }));
    const timer = setTimeout(late, ms);
    const stop = () => reject(new Error("closed"));
    given.addEventListener("abort", stop);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      given.removeEventListener("abort", stop);
    });
  });
}
