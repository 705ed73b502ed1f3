import { InvalidValue } from "../errors.ts";

/** The address of a Redis and the login. */
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
  /** With TLS: PEM files of authorities that are trusted besides the built-in and the system's ones. */
  caFiles?: readonly string[];
  /** With TLS: all trusted authorities in PEM form; those built into the runtime where it is missing. */
  authorities?: readonly string[];
  /** For people and logs: the address without user and password. */
  where: string;
};

/**
 * Reads `REDIS_URL`: `redis://`, `rediss://` (TLS), and a socket as `unix:///run/redis.sock?db=1`, `redis+unix:///…`,
 * `redis:///run/redis.sock` or its bare path. User, password and database also as `?username=`, `?password=`, `?db=`.
 * Throws InvalidValue with a reason that holds nothing of the URL.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = parseUrl(text.startsWith("/") ? `unix://${text}` : text);
  const path = decode(url.pathname);
  const isUnix = url.protocol.endsWith("unix:");
  const inPath = /^\/?(\d*)$/.exec(path)?.[1];
  const isSocket = isUnix || (url.hostname === "" && inPath === undefined);
  const db = databaseOf(url.searchParams.get("db") ?? (isSocket ? "0" : path.slice(1) || "0"));
  if (isUnix && url.host !== "")
    throw new InvalidValue("the path of a socket follows three slashes: unix:///");
  if (isSocket ? path.length < 2 : url.hostname === "" && inPath === "")
    throw new InvalidValue(isSocket ? "the path of the socket is missing" : "the host is missing");
  if (url.port === "0") throw new InvalidValue("there is no port 0");
  const username = decode(url.username) || url.searchParams.get("username");
  const password = decode(url.password) || url.searchParams.get("password");
  const host = url.hostname.replace(/^\[|\]$/g, "") || "localhost";
  return {
    ...(isSocket
      ? { path, db, tls: false, where: `unix://${path}${db === 0 ? "" : `?db=${db}`}` }
      : tcpAddress(host, Number(url.port || 6379), db, url.protocol === "rediss:")),
    ...(username && { username }),
    ...(password && { password }),
  };
}

/** The address of a host name or of an IP address without brackets. */
export function tcpAddress(host: string, port = 6379, db = 0, tls = false): RedisAddress {
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
  if (!/^(redis|rediss|unix|redis\+unix):\/\//i.test(text))
    throw new InvalidValue("it starts with none of these");
  // URL itself drops tabs and line ends.
  if (/[\s\\]/.test(text)) throw new InvalidValue("there is a blank or a backslash in it");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The usual reason: `/`, `#`, `?` or `@` as they are in a password end the part before the host.
  if (url === undefined || url.hash !== "")
    throw new InvalidValue("signs like / # ? @ in a password must be written as %2F %23 %3F %40");
  return url;
}

function databaseOf(text: string): number {
  const db = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(db))
    throw new InvalidValue("the database is not a whole number");
  return db;
}

/** A stray `%` in a password is meant as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
