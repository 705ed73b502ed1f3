import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent } from "../helpers/agent.ts";
import { pythonJson, rawRecord, redisQueues } from "../helpers/queues.ts";
import { cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

test("points on a shared Redis keep the host that built them, whichever agent sends them and under any name it has by then", async () => {
  const { queues, intake, env } = await setUp(redisQueues);
  const at = Math.floor(Date.now() / 1000) - 30;
  const count = (metric: string) =>
    queues.write("chouette:metrics:raw", [
      rawRecord({ metric, type: "count", value: 1, timestamp: at, tags: {} }),
    ]);
  const flush = (host: string) => runAgent(["flush", "--json"], { ...env, HOST: host });

  intake.respond(() => ({ status: 403 }));
  await count("of.garage");
  expect((await flush("garage")).code).toBe(1);
  await count("of.attic");
  expect((await flush("attic")).code).toBe(1);
  const body = pythonJson({ metric: "of.python", tags: [], points: [[at, 1]], type: "gauge" });
  await queues.write("chouette:metrics:wrapped", [{ key: crypto.randomUUID(), at, body }]);

  intake.respond(() => undefined);
  expect((await flush("cellar")).code).toBe(0);
  expect([...intake.series.keys()].sort()).toEqual([
    "of.attic|count|host:attic",
    "of.garage|count|host:garage",
    "of.python|gauge|host:cellar",
  ]);
});
