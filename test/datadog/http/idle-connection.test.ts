import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { cleanUp, LOGS, never, setUp } from "./intake-rig.ts";

afterEach(cleanUp);

/**
 * Seconds until the next probe of a connection to that port; undefined without one. `… 01 00000000:00000000 02:00000BB8 …` in
 * /proc/net/tcp: a keepalive timer (02) that ends in 3000 hundredths of a second.
 */
function nextProbe(remotePort: number): number | undefined {
  const port = remotePort.toString(16).toUpperCase().padStart(4, "0");
  const line = new RegExp(`^ *\\d+: \\S+ \\S+:${port} 01 \\S+ (\\d+):([0-9A-F]+) `, "m");
  const [, timer, ticks = ""] = line.exec(readFileSync("/proc/self/net/tcp", "latin1")) ?? [];
  if (timer === undefined) throw new Error("no connection");
  return timer === "02" ? Number.parseInt(ticks, 16) / 100 : undefined;
}

test("a connection that is kept between two releases sends no probes", async () => {
  const { server, intake } = await setUp();
  for (let n = 0; n < 2; n++) expect((await intake.post("logs", LOGS, never)).outcome).toBe("accepted");
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.connections()).toBe(1);
  expect(nextProbe(server.port) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(600);
});
