import { ConfigError } from "../errors.ts";

/** Where a Redis is and as whom to log in. */
export type RedisAddress = {
  /** Either a unix socket … */
  path?: string;
  /** … or a host and port. */
  host?: string;
  port?: number;
  username?: string;
  password?: string;
  db: number;
  tls: boolean;
  /** For people and logs: the address without user and password. */
  where: string;
};

type Options = { url?: string | undefined; host?: string | undefined; port?: number | undefined };

const SHAPES =
  "redis://[[user]:password@]host[:6379][/database], rediss://… for TLS, or unix:///run/redis.sock[?db=1]";

/**
 * Understands `REDIS_URL`, or `REDIS_HOST` and `REDIS_PORT` when there is none (defaults `redis` and 6379):
 * `redis://`, `rediss://` (TLS), and a socket as `unix:///run/redis.sock?db=1`, `redis+unix:///…`, `redis:///run/redis.sock`
 * or its bare path. User, password and database also as `?username=`, `?password=`, `?db=`. Throws ConfigError, without the URL.
 */
export function redisAddress(options: Options): RedisAddress {
  if (options.url === undefined) return tcpAddress(options.host ?? "redis", options.port ?? 6379, 0, false);
  const url = parseUrl(options.url.startsWith("/") ? `unix://${options.url}` : options.url);
  const path = decode(url.pathname);
  const database = /^\/?(\d*)$/.exec(path)?.[1];
  const db = Number(url.searchParams.get("db") ?? database ?? 0);
  const socket = url.protocol.endsWith("unix:") || (url.hostname === "" && database === undefined);
  if (socket && path.length < 2) throw misunderstood("the path of the socket is missing");
  if (!Number.isSafeInteger(db) || db < 0 || (!socket && database === undefined))
    throw misunderstood("the database is not a whole number");
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  const username = decode(url.username) || url.searchParams.get("username");
  const password = decode(url.password) || url.searchParams.get("password");
  return {
    ...(socket
      ? { path, db, tls: false, where: `unix://${path}${db === 0 ? "" : `?db=${db}`}` }
      : tcpAddress(host, Number(url.port || 6379), db, url.protocol === "rediss:")),
    ...(username && { username }),
    ...(password && { password }),
  };
}

function tcpAddress(host: string, port: number, db: number, tls: boolean): RedisAddress {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    host,
    port,
    db,
    tls,
    where: `${tls ? "rediss" : "redis"}://${authority}${db === 0 ? "" : `/${db}`}`,
  };
}

function parseUrl(text: string): URL {
  const scheme = /^(redis|rediss|unix|redis\+unix):\/\//i.exec(text);
  if (scheme === null) throw misunderstood("it starts with none of these");
  try {
    return new URL(text);
  } catch {
    // The usual reason: `/`, `#`, `?` or `@` as they are in a password end the part before the host.
    throw misunderstood("signs like / # ? @ in a password must be written as %2F %23 %3F %40");
  }
}

/** A stray `%` in a password is meant as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function misunderstood(reason: string): ConfigError {
  return new ConfigError([`REDIS_URL: got a value that is not printed, expects ${SHAPES}; ${reason}`]);
}
