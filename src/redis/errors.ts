import { StorageError } from "../errors.ts";
import type { RedisAddress } from "./address.ts";

/**
 * What Redis, the network or ioredis said → what happened, and what to type. The first match counts. Redis 5 wraps errors
 * of a script into more text than Redis 7 does, so the words are looked for anywhere.
 */
const EXPLANATIONS: readonly (readonly [said: RegExp, happened: string, remedy: string])[] = [
  [
    /WRONGTYPE (\S+) is a (\w+)/,
    "has a $2 in $1, written there by another program",
    "chouette run moves it aside; look at it: redis-cli TYPE $1",
  ],
  [
    /WRONGTYPE/,
    "has a key of another type where Chouette keeps its own",
    "Find it: redis-cli --scan --pattern 'chouette:*'",
  ],
  [
    /WRONGPASS|invalid password|invalid username/i,
    "refuses the user name or the password",
    "Correct REDIS_URL: redis://user:password@host:6379",
  ],
  [/NOAUTH/, "wants a password", "Put it into REDIS_URL: redis://:password@host:6379"],
  [
    /NOPERM/,
    "does not allow this user what Chouette needs",
    "Type: redis-cli ACL SETUSER <user> '~chouette:*' +@all",
  ],
  [
    /READONLY/,
    "is a read-only replica",
    "Let REDIS_URL name the primary: redis-cli INFO replication says where it is",
  ],
  [
    /OOM /,
    "has used all the memory it may",
    "Give it more: redis-cli CONFIG SET maxmemory 256mb; what uses it: redis-cli --bigkeys",
  ],
  [
    /LOADING/,
    "is still loading its data after a start",
    "Nothing to do; how far it is: redis-cli INFO persistence",
  ],
  [/MISCONF/, "cannot save to its disk and takes no writes", "Look: journalctl -u redis-server; df -h"],
  [/BUSY /, "is busy with a script of another program", "Stop it: redis-cli SCRIPT KILL"],
  [
    /DB index|invalid DB/i,
    "does not have this database",
    "It has those below: redis-cli CONFIG GET databases; correct REDIS_URL",
  ],
  [
    /CERT|self.signed|certificate|altname/i,
    "shows a TLS certificate that is not trusted",
    "Name the file of its authority: NODE_EXTRA_CA_CERTS=/path/ca.pem",
  ],
  [
    /timed out|Socket timeout|ETIMEDOUT/,
    "does not answer",
    "Look whether it is overloaded: redis-cli --latency; redis-cli SLOWLOG GET",
  ],
  [
    /ECONNREFUSED|ENOENT/,
    "is not running there",
    "Start it: sudo systemctl start redis-server; or correct REDIS_URL",
  ],
  [
    /EACCES|EPERM/,
    "has a socket that this user may not open",
    "Type: sudo usermod -aG redis <user>; then restart Chouette",
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    "has a name that is not known",
    "Look it up: getent hosts <name>; correct REDIS_HOST or REDIS_URL",
  ],
  [/EHOSTUNREACH|ENETUNREACH|ENETDOWN/, "is out of reach", "Look at the network: ip route; ping <host>"],
  [
    /closed|writeable|ECONNRESET|EPIPE|max retries/i,
    "closed the connection",
    "It is tried again by itself; look why: journalctl -u redis-server; redis-cli CLIENT LIST",
  ],
];

/** The error of an operation in words, with the address but never with the user, the password or what was sent. */
export function explainRedisError(error: unknown, address: RedisAddress): StorageError {
  // ioredis hangs the command with all its arguments (AUTH too) on the error: only code and message are looked at.
  const { code, message } = error as { code?: unknown; message?: unknown };
  const said = `${code ?? ""} ${message ?? error}`;
  for (const [pattern, happened, remedy] of EXPLANATIONS) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const text = `Redis at ${address.where} ${happened}. ${remedy}.`;
    return new StorageError(
      text.replaceAll("$1", () => match[1] ?? "").replaceAll("$2", () => match[2] ?? ""),
    );
  }
  return new StorageError(`Redis at ${address.where} failed: ${withoutSecrets(said.trim(), address)}.`);
}

/** Redis 5 repeats the arguments of a command that it does not know. */
function withoutSecrets(text: string, { username, password }: RedisAddress): string {
  return [username, password].reduce<string>(
    (rest, secret) => (secret ? rest.replaceAll(secret, "***") : rest),
    text,
  );
}
