import { hideSecrets } from "../config/hide-secrets.ts";
import { StorageError } from "../errors.ts";
import { printable } from "../terminal/printable.ts";
import type { RedisAddress } from "./address.ts";

/** Problem and remedy by the message of Redis, the network or ioredis. */
type Explanation = readonly [message: RegExp, problem: string, remedy: string];

/** Messages of ioredis and the network for a lost connection, which do not have the cause. */
const LOSS = /closed|writeable|ECONNRESET|EPIPE|max retries/i;

/**
 * The first match counts. Redis 5 wraps errors of a script into more text than Redis 7 does, so the words are looked for
 * anywhere. `$1` and `$2` are what the parentheses found: a peer wrote them, so no remedy has them.
 */
const EXPLANATIONS: readonly Explanation[] = [
  [
    /WRONGTYPE (\S+) is a (\w+)/,
    "has a $2 in $1, written there by another program",
    "chouette run renames it; to see it: redis-cli --scan --pattern 'chouette:*'",
  ],
  [
    /WRONGTYPE/,
    "has a key of another type in the place of one of Chouette's",
    "Find it: redis-cli --scan --pattern 'chouette:*'",
  ],
  [
    /WRONGPASS|invalid password|invalid username/i,
    "rejects the user name or the password",
    "Correct REDIS_URL: redis://user:password@host:6379",
  ],
  [/NOAUTH/, "requires a password", "Put it into REDIS_URL: redis://:password@host:6379"],
  [
    /NOPERM/,
    "does not give this user the permissions that Chouette needs",
    "Type: redis-cli ACL SETUSER <user> '~chouette:*' +@all",
  ],
  [
    /DENIED/,
    "is in protected mode, which accepts only connections from its own machine",
    "Give it a password (redis-cli CONFIG SET requirepass <password>) and put that into REDIS_URL: redis://:password@host:6379",
  ],
  [
    /max number of clients/,
    "has reached its limit of connections",
    "To see whose they are: redis-cli CLIENT LIST; to allow more: redis-cli CONFIG SET maxclients 10000",
  ],
  [
    /CROSSSLOT|MOVED|ASK \d|CLUSTERDOWN|cluster mode|TRYAGAIN/,
    "is a node of a Redis Cluster, which cannot hold Chouette's queues: they need transactions over several keys",
    "Point REDIS_URL at a Redis that is not clustered; to check this one: redis-cli INFO cluster",
  ],
  [
    /unknown command.{0,3}(EVAL|SELECT)/i,
    "does not know a command that Chouette needs: it is a Sentinel, or the command is renamed there",
    "A Sentinel (port 26379) names the Redis to put into REDIS_URL: redis-cli -p 26379 SENTINEL MASTERS; otherwise remove rename-command from redis.conf",
  ],
  [
    /READONLY/,
    "is a read-only replica",
    "Point REDIS_URL at the primary, which is in the output of: redis-cli INFO replication",
  ],
  [
    /NOREPLICAS/,
    "accepts no writes while it has too few replicas (min-replicas-to-write)",
    "To see which are missing: redis-cli INFO replication; to do without: redis-cli CONFIG SET min-replicas-to-write 0",
  ],
  [
    /OOM /,
    "has reached its memory limit",
    "To raise it: redis-cli CONFIG SET maxmemory 256mb; to see what uses it: redis-cli --bigkeys",
  ],
  [
    /LOADING/,
    "is still loading its data after a start",
    "Nothing to do; to see its progress: redis-cli INFO persistence",
  ],
  [
    /MASTERDOWN/,
    "is a replica that has lost its primary",
    "Point REDIS_URL at the primary, which is in the output of: redis-cli INFO replication",
  ],
  [/MISCONF/, "cannot save to its disk and accepts no writes", "Type: journalctl -u redis-server; df -h"],
  [/BUSY /, "is busy with a script of another program", "Stop it: redis-cli SCRIPT KILL"],
  [
    /DB index|invalid DB/i,
    "does not have this database",
    "Correct REDIS_URL; to see how many it has: redis-cli CONFIG GET databases",
  ],
  [
    /CERT|self.signed|certificate|altname/i,
    "presents a TLS certificate that is not trusted",
    "Name the file of its authority: SSL_CERT_FILE=/path/ca.pem",
  ],
  [
    /answer too large/,
    "sends an answer over 32 MB, more than Chouette requests",
    "If it is a Redis, find huge records: redis-cli --bigkeys; otherwise correct REDIS_URL",
  ],
  [
    /Unknown RESP type|array length|unexpected answer|call stack/i,
    "does not answer as a Redis does: another program listens there",
    "Correct REDIS_HOST, REDIS_PORT or REDIS_URL; to see which program it is: sudo ss -ltnp",
  ],
  [
    /timed out|Socket timeout|ETIMEDOUT/,
    "does not answer",
    "To see whether it is overloaded: redis-cli --latency; redis-cli SLOWLOG GET",
  ],
  [
    /ECONNREFUSED|ENOENT/,
    "is not running",
    "Start it: sudo systemctl start redis-server; or correct REDIS_URL",
  ],
  [
    /EACCES|EPERM/,
    "has a socket that this user cannot open",
    "Type: sudo usermod -aG redis <user>; then restart Chouette",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ENODATA|ESERVFAIL|EAI_FAIL/,
    "has an unknown host name",
    "Type: getent hosts <name>; then correct REDIS_HOST or REDIS_URL",
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL/,
    "is unreachable",
    "Check the network: ip route; ping <host>",
  ],
  [
    LOSS,
    "closed the connection",
    "Chouette reconnects on its own; for the cause: journalctl -u redis-server; redis-cli CLIENT LIST",
  ],
];

/** Characters of an error that no explanation fits. */
const LONGEST = 300;

/** Explains the error of an operation, with the address but never with the user, the password or the data sent. */
export function explainRedisError(error: unknown, address: RedisAddress): StorageError {
  const said = saidBy(error);
  for (const [pattern, happened, remedy] of EXPLANATIONS) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const filled = happened.replace(/\$(\d)/g, (_, index) => match[Number(index)] ?? "");
    return new StorageError(`Redis at ${address.where} ${printable(filled)}. ${remedy}.`, {
      ofQueue: /WRONGTYPE/.test(said),
    });
  }
  const quoted = printable(withoutSecrets(said.trim(), address).slice(0, LONGEST));
  return new StorageError(`Redis at ${address.where} failed: ${quoted}.`);
}

/** True when an operation failed because its connection had ended, which something else may explain better. */
export function isLoss(error: unknown): boolean {
  return LOSS.test(saidBy(error));
}

/** ioredis hangs the command with all its arguments (AUTH too) on the error: only code and message are looked at. */
function saidBy(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return `${code ?? ""} ${message ?? error}`;
}

/** Redis 5 repeats the arguments of a command that it does not know. */
function withoutSecrets(text: string, { username = "", password = "" }: RedisAddress): string {
  return hideSecrets([username, password])(text);
}
