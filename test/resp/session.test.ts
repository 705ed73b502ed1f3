import { describe, expect, test } from "bun:test";
import { StorageError } from "../../src/errors.ts";
import { createSession, type Stored } from "../../src/resp/session.ts";

const RAW = "chouette:metrics:raw";
const LOGS = "chouette:logs:wrapped";
const NOW = 1_591_541_275;

function converse({ password, fails }: { password?: string; fails?: Error } = {}) {
  const stored: Stored[] = [];
  const session = createSession({
    store: async (records) => {
      if (fails !== undefined) throw fails;
      stored.push(...records);
    },
    isPassword: password === undefined ? undefined : (given) => given === password,
    now: () => NOW,
    id: 7,
  });
  const say = async (line: string) => (await session.handle(line.split(" "))).trimEnd();
  const saying = async (...lines: string[]) => {
    const replies: string[] = [];
    for (const line of lines) replies.push(await say(line));
    return replies;
  };
  return { say, saying, stored, session };
}

describe("a transaction", () => {
  test("stores its records before it is answered", async () => {
    const { saying, stored } = converse();
    expect(
      await saying(
        "MULTI",
        `ZADD ${RAW}.keys 1591541270.99 k1`,
        `HSET ${RAW}.values k1 {"a":1}`,
        `zadd ${LOGS}.keys 5 k2 6 k3`,
        `hset ${LOGS}.values k2 {} k3 []`,
        "EXEC",
      ),
    ).toEqual(["+OK", "+QUEUED", "+QUEUED", "+QUEUED", "+QUEUED", "*4\r\n:1\r\n:1\r\n:2\r\n:2"]);
    expect(stored).toEqual([
      { queue: RAW, record: { key: "k1", at: 1591541270.99, body: '{"a":1}' } },
      { queue: LOGS, record: { key: "k2", at: 5, body: "{}" } },
      { queue: LOGS, record: { key: "k3", at: 6, body: "[]" } },
    ]);
  });

  test("joins halves in any order, and outside of a transaction", async () => {
    const { saying, stored } = converse();
    await saying("MULTI", `HSET ${RAW}.values k1 a`, `ZADD ${RAW}.keys 5 k1`, "EXEC");
    expect(await saying(`ZADD ${RAW}.keys 6 k2`, `HSET ${RAW}.values k2 b`)).toEqual([":1", ":1"]);
    expect(stored.map(({ record }) => record)).toEqual([
      { key: "k1", at: 5, body: "a" },
      { key: "k2", at: 6, body: "b" },
    ]);
  });

  test("stores a value without a key at the current time, as a repair of Redis would", async () => {
    const { say, stored } = converse();
    expect(await say(`HMSET ${RAW}.values k a`)).toBe("+OK");
    expect(stored).toEqual([{ queue: RAW, record: { key: "k", at: NOW, body: "a" } }]);
  });

  test("stores nothing when one of its commands is refused, and when it is discarded", async () => {
    const { saying, stored } = converse();
    expect(await saying("MULTI", `ZADD ${RAW}.keys x k`, `HSET ${RAW}.values k a`, "EXEC")).toEqual([
      "+OK",
      "-ERR value is not a valid float",
      "+QUEUED",
      "-EXECABORT Transaction discarded because of previous errors.",
    ]);
    expect(await saying("MULTI", `HSET ${RAW}.values k a`, "DISCARD", "EXEC")).toEqual([
      "+OK",
      "+QUEUED",
      "+OK",
      "-ERR EXEC without MULTI",
    ]);
    expect(stored).toEqual([]);
  });

  test("is answered with the reason when the storage fails", async () => {
    const { saying } = converse({ fails: new StorageError("the disk is full:\ncheck df") });
    expect(await saying("MULTI", `HSET ${RAW}.values k a`, "EXEC")).toEqual([
      "+OK",
      "+QUEUED",
      "-ERR the disk is full: check df",
    ]);
  });
});

describe("Redis' own words", () => {
  test.each([
    ["GET a", "-ERR unknown command 'GET', with args beginning with: 'a' "],
    ["flushall", "-ERR unknown command 'flushall', with args beginning with: "],
    ["ZADD a.keys 1 k", "-NOPERM No permissions to access a key"],
    [`ZADD ${RAW}.values 1 k`, "-NOPERM No permissions to access a key"],
    ["HSET chouette:events:wrapped.values k v", "-NOPERM No permissions to access a key"],
    [`ZADD ${RAW}.keys 1`, "-ERR wrong number of arguments for 'zadd' command"],
    [`ZADD ${RAW}.keys NX 1 k`, "-ERR syntax error"],
    [`ZADD ${RAW}.keys nan k`, "-ERR value is not a valid float"],
    [`HSET ${RAW}.values k`, "-ERR wrong number of arguments for 'hset' command"],
    [`HSET ${RAW}.values k v k`, "-ERR wrong number of arguments for 'hset' command"],
    ["EXEC", "-ERR EXEC without MULTI"],
    ["DISCARD", "-ERR DISCARD without MULTI"],
    ["SELECT 1", "-ERR DB index is out of range"],
    ["CLIENT MAINT_NOTIFICATIONS ON", "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP."],
    ["HELLO 4", "-NOPROTO unsupported protocol version"],
    ["HELLO x", "-ERR Protocol version is not an integer or out of range"],
  ])("refuse %s", async (line, reply) => {
    const { session, stored } = converse();
    expect(await session.handle(line.split(" "))).toBe(`${reply}\r\n`);
    expect(stored).toEqual([]);
  });

  test("refuse a transaction within a transaction", async () => {
    expect(await converse().saying("MULTI", "MULTI")).toEqual(["+OK", "-ERR MULTI calls can not be nested"]);
  });

  test("greet", async () => {
    const { saying } = converse();
    expect(
      await saying(
        "PING",
        "PING hi",
        "ECHO hi",
        "SELECT 0",
        "CLIENT SETNAME a",
        "CLIENT GETNAME",
        "CLIENT ID",
        "QUIT",
      ),
    ).toEqual(["+PONG", "$2\r\nhi", "$2\r\nhi", "+OK", "+OK", "$1\r\na", ":7", "+OK"]);
    expect(await saying("CLIENT SETINFO LIB-NAME x", "COMMAND DOCS", "RESET")).toEqual([
      "+OK",
      "*0",
      "+RESET",
    ]);
  });

  test("answer all that redis-py 8 says before its first transaction", async () => {
    const { say, saying } = converse();
    expect(await say("HELLO 3")).toStartWith("%7");
    expect(
      await saying(
        "CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type internal-ip",
        "CLIENT SETINFO LIB-NAME redis-py",
        "CLIENT SETINFO LIB-VER 8.0.0",
        "MULTI",
        `ZADD ${RAW}.keys 1591541270.99 k1`,
        `HSET ${RAW}.values k1 {}`,
        "EXEC",
      ),
    ).toEqual([
      "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.",
      "+OK",
      "+OK",
      "+OK",
      "+QUEUED",
      "+QUEUED",
      "*2\r\n:1\r\n:1",
    ]);
  });

  test("HELLO 3 is answered with a map, HELLO 2 with a list", async () => {
    const { say } = converse();
    const fields =
      "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0";
    expect(await say("HELLO 3")).toBe(`%7\r\n${fields}`);
    expect(await say("HELLO 2")).toBe(`*14\r\n${fields.replace(":3", ":2")}`);
  });
});

describe("a password", () => {
  test("is wanted before anything else", async () => {
    const { saying, stored, session } = converse({ password: "secret" });
    expect(await saying("PING", "HELLO 3", `HSET ${RAW}.values k v`, "MULTI", "FOO")).toEqual([
      "-NOAUTH Authentication required.",
      expect.stringMatching(/^-NOAUTH HELLO must be called/),
      "-NOAUTH Authentication required.",
      "-NOAUTH Authentication required.",
      "-NOAUTH Authentication required.",
    ]);
    expect(session.allowed()).toBeFalse();
    expect(await saying("AUTH wrong", "AUTH other secret", "HELLO 3 AUTH default wrong", "AUTH")).toEqual([
      "-WRONGPASS invalid username-password pair or user is disabled.",
      "-WRONGPASS invalid username-password pair or user is disabled.",
      "-WRONGPASS invalid username-password pair or user is disabled.",
      "-ERR wrong number of arguments for 'auth' command",
    ]);
    expect(await saying("AUTH default secret", `HSET ${RAW}.values k v`)).toEqual(["+OK", ":1"]);
    expect(stored.length).toBe(1);
  });

  test("may come with HELLO", async () => {
    const { saying, session } = converse({ password: "secret" });
    expect(await saying("HELLO 3 AUTH default secret SETNAME app", "CLIENT GETNAME")).toEqual([
      expect.stringMatching(/^%7/),
      "$3\r\napp",
    ]);
    expect(session.allowed()).toBeTrue();
  });

  test("that nobody wants is refused as Redis does", async () => {
    expect(await converse().saying("AUTH secret", "AUTH default secret")).toEqual([
      "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
      "+OK",
    ]);
  });
});
