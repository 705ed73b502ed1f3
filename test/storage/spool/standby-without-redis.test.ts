import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readDropped } from "../../../src/storage/counts/read-dropped.ts";
import { add, peekKeys, RAW, record, WRAPPED } from "../rig.ts";
import { back, cleanUp, type Device, device, settled } from "./standby-rig.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

describe("while Redis is down", () => {
  const lease = { name: RAW, owner: "agent" };

  async function withRaw(): Promise<Device> {
    const it = await device(["--appendonly", "yes", "--appendfsync", "always"]);
    await add(it.outside, RAW, record("r1", 1), record("r2", 2));
    return it;
  }

  test("raw metrics that were read from it are not built into points that it does not know", async () => {
    const it = await withRaw();
    const { server, agent, outside } = it;
    expect(await agent.acquire(lease, 60)).toBeUndefined();
    expect(await peekKeys(agent, RAW)).toEqual(["r1", "r2"]);
    await server.kill();
    // Another lane meets it first, so that something waits in RAM when the pass commits.
    await add(agent, WRAPPED, record("capture", 9));
    const built = agent.commit({
      remove: [{ queue: RAW, keys: ["r1", "r2"] }],
      add: [{ queue: WRAPPED, records: [record("sum", 1)] }],
      stamps: [1],
    });
    const stored = await built.then(
      () => true,
      () => false,
    );
    expect((await peekKeys(agent, WRAPPED)).includes("sum")).toBe(false);
    await server.restart();
    await back(it);
    const [raw, points] = [await peekKeys(outside, RAW), await peekKeys(outside, WRAPPED)];
    expect({ raw, points }).toEqual(
      stored ? { raw: [], points: ["sum", "capture"] } : { raw: ["r1", "r2"], points: ["capture"] },
    );
  });

  test("what was delivered from it is not delivered again", async () => {
    const it = await withRaw();
    const { server, agent, outside } = it;
    await add(outside, WRAPPED, record("p", 1));
    expect(await peekKeys(agent, WRAPPED)).toEqual(["p"]);
    await server.kill();
    await agent.commit({ remove: [{ queue: WRAPPED, keys: ["p"] }] });
    await server.restart();
    await back(it);
    expect([await peekKeys(agent, WRAPPED), await peekKeys(outside, WRAPPED)]).toEqual([[], []]);
  });

  test("the seconds that are taken, and the captured ones, are known from RAM, also after a restart of the agent", async () => {
    const { server, agent, start } = await withRaw();
    await agent.commit({
      stamps: [10, 20],
      notes: { captured: "[[1,2]]", "logs:file:/a": "7", clock: "{}" },
    });
    await server.kill();
    await settled(agent);
    expect(await agent.stamps(0, 100)).toEqual([10, 20]);
    await agent.close();
    const next = start();
    await settled(next);
    expect([await next.stamps(0, 100), await next.notes("")]).toEqual([
      [10, 20],
      { captured: "[[1,2]]", "logs:file:/a": "7", "stamps-since": "0" },
    ]);
    await next.close();
  });

  test("what could not be sent waits in RAM for the next start, which is reported", async () => {
    const { server, agent, outside, start, warnings } = await withRaw();
    await server.kill();
    await add(agent, WRAPPED, record("a", 1), record("b", 2));
    await expect(agent.persist()).rejects.toThrow("Redis");
    await agent.close();
    expect(warnings).toEqual([expect.stringContaining("2 records wait in RAM")]);
    await server.restart();
    await settled(outside);
    const next = start();
    expect(await peekKeys(next, WRAPPED)).toEqual(["a", "b"]);
    expect(await peekKeys(outside, WRAPPED)).toEqual(["a", "b"]);
    await next.close();
  });

  test("RAM stays bounded: the oldest records go, and are counted once it is back", async () => {
    const it = await withRaw();
    const { server, agent, outside } = it;
    await server.kill();
    await settled(agent);
    const body = "x".repeat(100_000);
    for (let i = 0; i < 220; i++)
      await add(agent, WRAPPED, record(`k${String(i).padStart(3, "0")}`, 10 + i, body));
    const left = await peekKeys(agent, WRAPPED);
    expect(left.at(-1)).toBe("k219");
    expect(left.length).toBeLessThan(180);
    await server.restart();
    await back(it);
    expect((await outside.size(WRAPPED)).count).toBe(left.length);
    expect(await readDropped(outside)).toEqual({ overflow: 220 - left.length });
  });
});
