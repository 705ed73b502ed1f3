import { describe, expect, test } from "bun:test";
import { parseRedisUrl } from "../../src/redis/address.ts";
import { explainRedisError } from "../../src/redis/errors.ts";

const address = parseRedisUrl("redis://chouette:s3cret@pi4/1");
const explain = (error: unknown) => explainRedisError(error, address).message;

describe("explainRedisError", () => {
  // As Redis 7.0 and 5.0, Node and Bun, and ioredis 6 say it.
  test.each([
    ["WRONGPASS invalid username-password pair or user is disabled.", "the user name or the password"],
    ["ERR invalid password", "the user name or the password"],
    ["NOAUTH Authentication required.", "password"],
    ["NOPERM this user has no permissions to run the 'evalsha' command", "permissions"],
    [
      "READONLY You can't write against a read only replica. script: 1a, on @user_script:1.",
      "read-only replica",
    ],
    [
      "ERR Error running script (call to f_1a): @user_script:6: @user_script: 6: -READONLY You can't write against a read only replica.",
      "read-only replica",
    ],
    ["OOM command not allowed when used memory > 'maxmemory'.", "memory limit"],
    ["LOADING Redis is loading the dataset in memory", "is still loading its data"],
    ["MISCONF Redis is configured to save RDB snapshots, but …", "cannot save to its disk"],
    ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "is busy"],
    ["WRONGTYPE chouette:logs:wrapped.keys is a list", "has a list in chouette:logs:wrapped.keys"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "has a key of another type"],
    ["CROSSSLOT Keys in request don't hash to the same slot", "Redis Cluster"],
    ["MOVED 3999 127.0.0.1:6381", "Redis Cluster"],
    ["ASK 3999 127.0.0.1:6381", "Redis Cluster"],
    ["CLUSTERDOWN Hash slot not served", "Redis Cluster"],
    ["ERR SELECT is not allowed in cluster mode", "Redis Cluster"],
    ["NOREPLICAS Not enough good replicas to write.", "too few replicas"],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "lost its primary"],
    ["ERR unknown command 'EVALSHA', with args beginning with: '1a' ", "Sentinel"],
    ["ERR unknown command `EVALSHA`, with args beginning with: `1a`", "Sentinel"],
    ["ERR unknown command 'SELECT', with args beginning with: '1' ", "Sentinel"],
    ["DENIED Redis is running in protected mode because protected mode is enabled …", "protected mode"],
    ["ERR max number of clients reached", "limit of connections"],
    ["ERR DB index is out of range", "does not have this database"],
    ["unable to verify the first certificate", "TLS certificate"],
    ["self signed certificate", "TLS certificate"],
    ["Command timed out", "does not answer"],
    ["connect ETIMEDOUT", "does not answer"],
    ["connect ECONNREFUSED 127.0.0.1:6379", "is not running"],
    ["connect ENOENT /run/redis.sock", "is not running"],
    ["connect EACCES /run/redis.sock", "socket"],
    ["getaddrinfo ENOTFOUND pi4", "unknown host name"],
    ["connect EHOSTUNREACH 10.0.0.1:6379", "unreachable"],
    ["read ECONNRESET", "closed the connection"],
    ["Stream isn't writeable and enableOfflineQueue options is false", "closed the connection"],
  ])("%s", (message, happened) => {
    const said = explain(new Error(message));
    expect(said).toStartWith(`Redis at redis://pi4:6379/1 `);
    expect(said).toContain(happened);
    expect(said).toEndWith(".");
  });

  test("goes by the code where the message is empty, as for a host with several addresses", () => {
    const error = Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" });
    expect(explain(error)).toContain("is not running");
  });

  test("quotes what it does not know, but neither user nor password, nor what was sent", () => {
    const error = Object.assign(
      new Error("ERR unknown command `hello`, with args beginning with: `3` `AUTH` `chouette` `s3cret`"),
      { command: { name: "auth", args: ["s3cret"] } },
    );
    const explained = explainRedisError(error, address);
    expect(explained.message).toBe(
      "Redis at redis://pi4:6379/1 failed: ERR unknown command `hello`, with args beginning with: `3` `AUTH` `***` `***`.",
    );
    expect(explained.cause).toBeUndefined();
  });
});
