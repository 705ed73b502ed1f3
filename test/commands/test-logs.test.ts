import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { formatTestedLogs, testLogs } from "../../src/commands/test-logs.ts";
import { createSocketSource } from "../../src/logs/sockets/socket-source.ts";
import { systemClock } from "../../src/schedule/clock.ts";

/** A UDP port that another socket holds, and the source that would listen there. */
async function takenPort() {
  const holder = createSocket("udp4");
  holder.bind(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address();
  const name = `udp:${port}`;
  const listen = { protocol: "udp", host: "127.0.0.1", port } as const;
  const options = { tags: [], include: [], exclude: [], fold: true };
  return { holder, name, source: createSocketSource({ ...options, ...listen, name }, "pi") };
}

const terminal = { clock: { ...systemClock, sleep: async () => {} }, stop: new AbortController().signal };

test("an address that another program has fails, with the command that shows it", async () => {
  const { holder, name, source } = await takenPort();
  const [tested] = await testLogs([source], terminal, false);
  holder.close();
  expect(tested).toEqual({
    name,
    ok: false,
    lines: null,
    reason: expect.stringContaining("another program uses port"),
    remedy: expect.stringContaining("sudo ss -lpun"),
  });
});

test("an address that the running agent has is as it should be", async () => {
  const { holder, name, source } = await takenPort();
  const tested = await testLogs([source], terminal, true);
  holder.close();
  expect(tested).toEqual([{ name, ok: true, lines: null, reason: null, remedy: null }]);
  expect(formatTestedLogs(tested, 80)).toBe(`logs of ${name}: ok, the address can be used\n\n`);
});
