import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { createSocket } from "node:dgram";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

test("distributions, events and service checks arrive, each value once, beside the agent's own check", async () => {
  const stage = await setUp(sqliteQueues);
  const port = await freeUdpPort();
  const more = { DOGSTATSD: "true", DOGSTATSD_PORT: `${port}`, SEND_SELF_METRICS: "true" };
  const agent = await startAgent(["run"], { ...stage.env, ...more });
  await agent.logged("applications can send DogStatsD");
  const many = Array.from({ length: 500 }, (_, n) => n + 1).join(":");
  const lines = ["few:3:5|d|#zone:a", `many:${many}|d`, "_e{1,1}:a|b|t:error", "_sc|db.up|2|m:no route"];
  const socket = createSocket("udp4");
  socket.send(lines.join("\n"), port, "127.0.0.1", () => socket.close());
  const { others } = stage.intake;
  await arrived(stage, agent, () =>
    (["distributions", "sketches", "events", "checks"] as const).every((track) =>
      others.some((one) => one.track === track),
    ),
  );
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  const values = others.flatMap((one) =>
    one.track === "distributions" ? one.series.flatMap(({ points }) => points.flatMap(([, all]) => all)) : [],
  );
  expect(values.sort()).toEqual([3, 5]);
  const sketches = others.flatMap((one) => (one.track === "sketches" ? one.sketches : []));
  expect(sketches.map(({ metric, count, sum, host }) => ({ metric, count, sum, host }))).toEqual([
    { metric: "many", count: 500, sum: 125_250, host: "pi" },
  ]);
  const events = others.flatMap((one) => (one.track === "events" ? [one.event] : []));
  expect(events).toEqual([
    expect.objectContaining({ title: "a", text: "b", alert_type: "error", host: "pi" }),
  ]);
  const checks = others.flatMap((one) => (one.track === "checks" ? one.checks : []));
  const statuses = new Map(checks.map(({ check, status }) => [check, status]));
  expect(statuses).toEqual(
    new Map([
      ["chouette.up", 0],
      ["db.up", 2],
    ]),
  );
});

test("distributions, events and checks of a command and of a module arrive", async () => {
  const stage = await setUp(sqliteQueues);
  const module = join(stage.queues.dir, "scale.js");
  const lines = ["weight:2:4|d|@0.5", "_e{1,1}:m|b", "_sc|scale.up|0"];
  await writeFile(module, `export default { async collect() { return ${JSON.stringify(lines)}; } };\n`);
  const command = "exec:echo 'size:7|d'; echo '_e{1,1}:c|b'; echo '_sc|disk.up|1'";
  const plugins = { COLLECT_PLUGINS: JSON.stringify([command, module]), CAPTURE_INTERVAL: "3600" };
  const agent = await startAgent(["run"], { ...stage.env, ...plugins });
  const { others } = stage.intake;
  const found = () => ({
    points: others
      .flatMap((one) => (one.track === "distributions" ? one.series : []))
      .map(({ metric, points }) => `${metric} ${points.flatMap(([, values]) => values)}`)
      .sort(),
    events: others.flatMap((one) => (one.track === "events" ? [one.event.title] : [])).sort(),
    checks: others
      .flatMap((one) => (one.track === "checks" ? one.checks : []))
      .map(({ check, status }) => `${check} ${status}`)
      .sort(),
  });
  await arrived(stage, agent, () => Object.values(found()).every((list) => list.length === 2));
  agent.kill("SIGTERM");
  expect((await agent.ended).code).toBe(0);
  expect(found()).toEqual({
    points: ["size 7", "weight 2,2,4,4"],
    events: ["c", "m"],
    checks: ["disk.up 1", "scale.up 0"],
  });
});
