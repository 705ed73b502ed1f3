import { afterEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import fc from "fast-check";
import { StorageError } from "../../src/errors.ts";
import { CONNECTIONS, listenResp } from "../../src/resp/listen.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
import { ANSWER, cleanUp, command, NOW, RAW, rawClient, setUp, transaction } from "./rig.ts";

afterEach(cleanUp);

const record = (key: string) => ({ key, at: NOW, body: `{"n":"${key}"}` });

test("a client's transactions are in the queue when they are answered, in their order", async () => {
  const { path, stored } = await setUp();
  const client = await rawClient(path);
  const keys = Array.from({ length: 500 }, (_, n) => `k${String(n).padStart(3, "0")}`);
  for (const key of keys) client.write(transaction(key, NOW, record(key).body));
  expect(await client.answered(ANSWER.length * keys.length)).toBe(ANSWER.repeat(keys.length));
  expect(await stored(RAW)).toEqual(keys.map(record));
});

test("any cut of the bytes into packets gives the same answers and records", async () => {
  const { path, stored } = await setUp();
  const bytes = Buffer.from(transaction("k", NOW, '{"owl":"🦉"}') + command("PING"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 6 }),
      async (cuts) => {
        const client = await rawClient(path);
        const ends = [...new Set(cuts)].sort((a, b) => a - b);
        for (const [index, end] of [...ends, bytes.length].entries())
          client.write(bytes.subarray(ends[index - 1] ?? 0, end));
        expect(await client.answered(ANSWER.length + 7)).toBe(`${ANSWER}+PONG\r\n`);
        client.socket.destroy();
      },
    ),
    { numRuns: 30 },
  );
  expect(await stored(RAW)).toEqual([{ key: "k", at: NOW, body: '{"owl":"🦉"}' }]);
});

test("transactions of many clients share commits, and each hears of its own", async () => {
  const storage = memoryStorage(() => NOW);
  let commits = 0;
  const { path } = await setUp({
    storage: {
      commit: async (change) => {
        commits++;
        if (commits === 1) throw new StorageError("the card is full");
        await storage.commit(change);
      },
    },
  });
  const client = await rawClient(path);
  client.write(transaction("lost", NOW, "{}"));
  expect(await client.answered(46)).toBe("+OK\r\n+QUEUED\r\n+QUEUED\r\n-ERR the card is full\r\n");
  const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(path)));
  for (const [n, one] of clients.entries()) one.write(transaction(`k${n}`, NOW, "{}"));
  for (const one of clients) expect(await one.answered(ANSWER.length)).toBe(ANSWER);
  expect((await storage.size(RAW)).count).toBe(20);
  expect(commits).toBeLessThan(22);
});

describe("a connection is closed, with the reason, and others are served,", () => {
  test.each([
    ["what is not the protocol", "GET / HTTP/1.1\r\n\r\n"],
    ["an inline command", "PING\r\n"],
    ["numbers where texts are", "*1\r\n:5\r\n"],
    ["lists in lists", "*1\r\n*1\r\n$4\r\nPING\r\n"],
    ["a million lists in lists", "*1\r\n".repeat(300_000)],
    ["no list", "$4\r\nPING\r\n"],
    ["a list of an absurd length and what is none of its texts", "*4294967295\r\nx"],
    ["a list of a length that is not a number", `*${"9".repeat(400)}\r\n`],
    ["an error", "-ERR no\r\n"],
  ])("after %s", async (_, bytes) => {
    const { path } = await setUp();
    const client = await rawClient(path);
    client.write(bytes);
    await client.closed;
    expect(await client.answered(1)).toMatch(/^-ERR Protocol error: /);
    const other = await rawClient(path);
    other.write(command("PING"));
    expect(await other.answered(7)).toBe("+PONG\r\n");
  });

  test.each([
    ["a text of 900 MB that is announced and sent", "*2\r\n$4\r\nECHO\r\n$900000000\r\n"],
    ["a list of a million texts", "*1000000000\r\n"],
  ])("after 2 MB of %s", async (_, head) => {
    const { path } = await setUp();
    const client = await rawClient(path);
    client.write(head);
    const chunk = head.includes("ECHO") ? "x".repeat(65_536) : "$1\r\na\r\n".repeat(9000);
    let sent = 0;
    while (!client.socket.destroyed && sent < 10_000_000) {
      await new Promise<void>((resolve) => client.socket.write(chunk, () => resolve()));
      sent += chunk.length;
    }
    await client.closed;
    expect(sent).toBeLessThan(10_000_000);
  });

  test("after 16 kB without a password", async () => {
    const { path } = await setUp({ password: "secret" });
    const client = await rawClient(path);
    client.write(`*2\r\n$4\r\nAUTH\r\n$100000\r\n${"x".repeat(70_000)}`);
    await client.closed;
    expect(await client.answered(1)).toMatch(/^-ERR Protocol error: too big/);
  });
});

describe("a timer ends a connection", () => {
  test.each([
    ["that drips a command and never completes it", undefined, `*2\r\n$4\r\nECHO\r\n$90000\r\n`, "x"],
    ["that never logs in, though it says much", "secret", command("PING"), command("PING")],
    ["that never logs in and says nothing", "secret", "", ""],
  ])("%s", async (_, password, head, drop) => {
    const { path } = await setUp({ password, half: 100 });
    const client = await rawClient(path);
    client.write(head);
    const drip = setInterval(() => client.write(drop), 10);
    await client.closed;
    clearInterval(drip);
  });

  test("but not one that may write and is silent", async () => {
    const { path } = await setUp({ password: "secret", half: 100 });
    const [client, other] = [await rawClient(path), await rawClient(path)];
    client.write(command("AUTH", "secret"));
    expect(await client.answered(5)).toBe("+OK\r\n");
    await other.closed;
    client.write(command("PING"));
    expect(await client.answered(12)).toBe("+OK\r\n+PONG\r\n");
  });
});

test("no commands are lost behind a text of a megabyte", async () => {
  const { path, stored } = await setUp();
  const client = await rawClient(path);
  const body = JSON.stringify({ message: "x".repeat(1_500_000) });
  for (const key of ["a", "b", "c"]) client.write(transaction(key, NOW, body));
  client.write(command("PING"));
  expect(await client.answered(3 * ANSWER.length + 7)).toBe(`${ANSWER.repeat(3)}+PONG\r\n`);
  expect((await stored(RAW)).map((one) => one.body?.length)).toEqual([body.length, body.length, body.length]);
});

test("a client that does not read its answers is not read from, and costs bounded memory", async () => {
  const { path } = await setUp();
  const client = await rawClient(path);
  client.socket.pause();
  const echo = command("ECHO", "x".repeat(10_000)).repeat(20);
  let stopped = false;
  for (let sent = 0; sent < 100 && !stopped; sent++)
    stopped = !client.socket.write(echo) && client.socket.writableLength > 4_000_000;
  expect(stopped).toBeTrue();
  const other = await rawClient(path);
  other.write(command("PING"));
  expect(await other.answered(7)).toBe("+PONG\r\n");
});

test("more connections than are served are closed at once, and one that leaves makes room", async () => {
  const { path } = await setUp();
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => rawClient(path)));
  for (const client of clients) client.write(command("PING"));
  for (const client of clients) expect(await client.answered(7)).toBe("+PONG\r\n");
  const late = await rawClient(path);
  await late.closed;
  const [first] = clients;
  first?.write(command("QUIT"));
  await first?.closed;
  const next = await rawClient(path);
  next.write(command("PING"));
  expect(await next.answered(7)).toBe("+PONG\r\n");
});

describe("a place", () => {
  const deps = { storage: memoryStorage(() => NOW), password: undefined, now: () => NOW };

  test("on TCP that is taken is named, with the command that shows who holds it", async () => {
    const server = await listenResp({ host: "127.0.0.1", port: 0 }, deps);
    const port = Number(server.where.split(":").at(-1));
    const second = listenResp({ host: "127.0.0.1", port }, deps);
    expect(await second.catch((error: Error) => [error.name, error.message])).toEqual([
      "ListenError",
      expect.stringMatching(new RegExp(`REDIS_LISTEN: 127\\.0\\.0\\.1:${port} is taken .*sudo ss -ltnp`)),
    ]);
    await server.close();
  });

  test("at a path that another process serves is not taken from it", async () => {
    const { path } = await setUp();
    expect(await listenResp({ path }, deps).catch((error: Error) => error.message)).toMatch(
      /is taken .*sudo ss -lxp/,
    );
  });

  test("at a path that a process which is gone has left is used", async () => {
    const { path, server } = await setUp();
    await server.close();
    const left = createServer();
    await new Promise<void>((resolve) => left.listen(path, resolve));
    const again = await listenResp({ path: `${path}2` }, deps);
    await again.close();
    await new Promise((resolve) => left.close(resolve));
    const reopened = await listenResp({ path }, deps);
    expect(reopened.where).toBe(`unix://${path}`);
    await reopened.close();
  });

  test("at the path of a file is refused, and the file stays", async () => {
    const { path } = await setUp();
    await writeFile(`${path}.txt`, "mine");
    expect(await listenResp({ path: `${path}.txt` }, deps).catch((error: Error) => error.message)).toMatch(
      /not a socket/,
    );
  });
});
