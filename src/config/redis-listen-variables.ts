import * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { parsedSchema, textSchema, type Values, type Variables } from "./variable.ts";

/** An address of this machine and a port, or the path of a unix socket. */
export type RedisPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** Where applications that know only Redis write to the queues, with the embedded storage. */
export const redisListenVariables = {
  redisListen: {
    names: ["REDIS_LISTEN"],
    otherwise: "–",
    meaning:
      "Where the agent itself takes what applications write to Redis, with the embedded storage: `127.0.0.1:6379`, or the path of a unix socket.",
    expects: "an address and a port, such as 127.0.0.1:6379, or an absolute path",
    schema: parsedSchema(parsePlace),
  },
  redisListenPassword: {
    names: ["REDIS_LISTEN_PASSWORD"],
    otherwise: "–",
    meaning: "Password that these applications give; required for an address that other machines reach.",
    expects: "a password without blanks",
    schema: v.pipe(textSchema(), v.regex(/^\S+$/)),
  },
} as const satisfies Variables;

/** Where Redis' protocol is taken, and the password that is wanted. */
export type RedisListen = { readonly place: RedisPlace; readonly password: string | undefined };

/** Returns where to listen, undefined for nowhere, or the mistake in it. */
export function redisListenOf(
  { redisListen: place, redisListenPassword: password }: Partial<Values<typeof redisListenVariables>>,
  storage: "redis" | "sqlite",
): { listen: RedisListen | undefined } | { issue: string } {
  if (place === undefined) return { listen: undefined };
  if (storage === "redis")
    return {
      issue:
        "REDIS_LISTEN: the queues are in Redis, where applications write by themselves; remove it, or REDIS_HOST and REDIS_URL",
    };
  if ("host" in place && !isLoopback(place.host) && password === undefined)
    return {
      issue: `REDIS_LISTEN: other machines reach ${place.host}: set REDIS_LISTEN_PASSWORD, or listen at 127.0.0.1`,
    };
  return { listen: { place, password } };
}

function parsePlace(text: string): RedisPlace {
  if (text.startsWith("/")) {
    // sockaddr_un has room for 108 bytes with the one at the end.
    if (new TextEncoder().encode(text).length > 107) throw new InvalidValue("a path of at most 107 bytes");
    return { path: text };
  }
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!v.is(v.pipe(v.string(), v.ip()), bare) && bare !== "localhost") throw new InvalidValue();
  if (bare.includes(":") !== host.startsWith("[")) throw new InvalidValue();
  if (Number(port) < 1 || Number(port) > 65_535) throw new InvalidValue();
  return { host: bare, port: Number(port) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
