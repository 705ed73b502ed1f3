import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { newerPackage } from "../../scripts/machines/newer-package.ts";
import { npmFolder } from "../../scripts/machines/npm-folder.ts";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { freeUdpPort } from "../helpers/free-port.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

/** The libraries that applications use, each in its own process, as they come. The first run fetches two of them. */
setDefaultTimeout(120_000);

let stage: Stage;
let agent: Agent;
let port: number;
let socket: string;

beforeAll(async () => {
  stage = await setUp(sqliteQueues);
  port = await freeUdpPort();
  socket = join(stage.queues.dir, "redis.sock");
  const more = { DOGSTATSD: "true", DOGSTATSD_PORT: `${port}`, REDIS_LISTEN: socket };
  agent = await startAgent(["run"], { ...stage.env, ...more });
  await agent.logged("applications can send DogStatsD");
  await agent.logged("applications can write as to Redis");
});
afterAll(cleanUp);

async function run(
  command: string,
  args: readonly string[],
  input: string,
  env: Record<string, string> = {},
) {
  const child = spawn(command, args, {
    stdio: ["pipe", "ignore", "pipe"],
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdin.end(input);
  const [code] = await once(child, "close");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

const python = (script: string, args: readonly string[], path = "") =>
  run("/usr/bin/python3", ["-", ...args], script, path === "" ? {} : { PYTHONPATH: path });

/** Resolves when the sum of the count is what was sent; fails when it is more. */
async function summed(metric: string, total: number): Promise<void> {
  await arrived(stage, agent, () => stage.intake.sumOf(metric) >= total);
  expect(stage.intake.sumOf(metric)).toBe(total);
}

const valuesOf = (series: string) => new Set(stage.intake.series.get(`${series}|gauge|host:pi`)?.values());

/** Values of distributions that the intake has. */
const distributed = (metric: string) =>
  stage.intake.others.flatMap((one) =>
    one.track === "distributions"
      ? one.series.filter((each) => each.metric === metric).flatMap(({ points }) => points)
      : [],
  );

// Among the development packages dd-trace would weigh 100 MB; without its optional profilers and firewalls it is 14.
describe.concurrent("an application sends DogStatsD", () => {
  test("through dd-trace", async () => {
    const script = `
      const { dogstatsd } = require("dd-trace").init({ startupLogs: false, dogstatsd: { hostname: "127.0.0.1", port: ${port} } });
      for (let turn = 0; turn < 100; turn++) dogstatsd.increment("dd.count", 3);
      dogstatsd.decrement("dd.count", 50);
      dogstatsd.gauge("dd.gauge", 21.5);
      for (let turn = 0; turn < 20; turn++) dogstatsd.distribution("dd.spread", 7);
      dogstatsd.flush();
      setTimeout(() => process.exit(), 300);
    `;
    await run("node", ["-"], script, { NODE_PATH: await npmFolder("dd-trace@5.132.0"), DD_SERVICE: "app" });
    await summed("dd.count", 250);
    const values = () => distributed("dd.spread").flatMap(([, all]) => all);
    await arrived(stage, agent, () => values().length >= 20);
    expect(values()).toEqual(Array(20).fill(7));
  });

  test("through Debian's python3-statsd, one by one and in packets of many", async () => {
    const script = `
import statsd, sys
client = statsd.StatsClient("127.0.0.1", int(sys.argv[1]), prefix="py")
for _ in range(100): client.incr("count", 3)
with client.pipeline() as pipe:
    for _ in range(100): pipe.decr("count")
client.gauge("gauge", 21.5)
client.timing("timer", 320)
for user in ("a", "b", "a"): client.set("users", user)
`;
    await python(script, [`${port}`]);
    await summed("py.count", 200);
    await summed("py.users", 2);
    await arrived(stage, agent, () => valuesOf("py.gauge").has(21.5) && valuesOf("py.timer.max").has(320));
  });

  test("through Debian's python3-aiodogstatsd", async () => {
    const script = `
import aiodogstatsd, asyncio, sys
async def send():
    async with aiodogstatsd.Client(host="127.0.0.1", port=int(sys.argv[1]), namespace="aio", constant_tags={"app": "camera"}) as client:
        for _ in range(100): client.increment("count", value=3)
        client.decrement("count", value=50)
        client.gauge("gauge", value=21.5)
        client.distribution("spread", value=7)
asyncio.run(send())
`;
    await python(script, [`${port}`]);
    await summed("aio.count", 250);
    await arrived(stage, agent, () => distributed("aio.spread").length > 0);
    const gauge = stage.intake.series.get("aio.gauge|gauge|app:camera,host:pi");
    expect(new Set(gauge?.values())).toEqual(new Set([21.5]));
  });
});

/** What chouette-iot-client does for each metric, in a process that checks what Redis would have answered. */
const WRITE = `
import json, sys, time, uuid, redis
from redis.connection import ConnectionPool, UnixDomainSocketConnection
path, metric, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
parser = options.pop("parser", None)
if parser:
    import redis.connection as connection
    options["parser_class"] = getattr(connection, parser)
client = redis.Redis(connection_pool=ConnectionPool(connection_class=UnixDomainSocketConnection, path=path, **options))
assert client.ping()
assert redis.__version__.startswith(sys.argv[4]), redis.__version__
for value in range(1, 101):
    pipeline, key, now = client.pipeline(), str(uuid.uuid4()), time.time()
    pipeline.zadd("chouette:metrics:raw.keys", {key: now})
    body = {"metric": metric, "type": "count", "value": value, "timestamp": now, "tags": {"ok": True}}
    pipeline.hset("chouette:metrics:raw.values", key, json.dumps(body))
    assert pipeline.execute() == [1, 1]
try:
    client.get("other")
    raise AssertionError("GET was answered")
except redis.ResponseError as error:
    assert str(error) == "unknown command 'GET', with args beginning with: 'other' ", error
`;

describe.concurrent("an application that knows only Redis writes", () => {
  test.each([
    ["redis-py 4 and hiredis", "four.hiredis", { parser: "HiredisParser" }],
    ["redis-py 4 and its own parser", "four.python", { parser: "PythonParser" }],
    ["redis-py 4 with a name and a database", "four.named", { client_name: "camera", db: 0 }],
  ])("through Debian 12's %s", async (_, metric, options) => {
    await python(WRITE, [socket, metric, JSON.stringify(options), "4."]);
    await summed(metric, 5050);
  });

  test.each([
    ["the second", "six.two", { protocol: 2 }],
    ["the third", "six.three", { protocol: 3 }],
  ])("through Debian 13's redis-py 6 in %s version of the protocol", async (_, metric, options) => {
    const newer = join(await newerPackage("python3-redis"), "usr/lib/python3/dist-packages");
    await python(WRITE, [socket, metric, JSON.stringify(options), "6."], newer);
    await summed(metric, 5050);
  });
});
