import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { redisQueues, sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

test.each([
  ["the embedded storage", sqliteQueues, "agent.sock"],
  ["Redis", redisQueues, "agent-redis.sock"],
])(
  "inspect-queue --health succeeds while an agent on %s runs, and only then; inspect-queue shows that agent",
  async (_, queues, socket) => {
    const stage = await setUp(queues);
    const state = join(stage.queues.dir, "state");
    mkdirSync(state, { recursive: true });
    const env = { ...stage.env, CHOUETTE_STATE_DIR: state, COLLECT_PLUGINS: "host" };
    const before = await runAgent(["inspect-queue", "--health"], env);
    expect(before).toMatchObject({ code: 1, stdout: "" });
    expect(before.stderr).toContain(`no agent answers at ${join(state, socket)}`);

    const agent = await startAgent(["run"], env);
    await arrived(stage, agent, () => stage.intake.sumOf("Chouette.host.memory.available") > 0);
    expect(await runAgent(["inspect-queue", "--health"], env)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "",
    });

    const status = await runAgent(["status", "--json"], env);
    expect(JSON.parse(status.stdout).agent).toMatchObject({
      version,
      destination: { metrics: `${stage.intake.url}/api/v1/series` },
      key: { ends_with: stage.env.API_KEY?.slice(-4), answer: "accepted", at: expect.any(Number) },
      plugins: [{ name: "host", ok: true }],
    });

    agent.kill("SIGKILL");
    await agent.ended;
    expect(await runAgent(["inspect-queue", "--health"], env)).toMatchObject({ code: 1, stdout: "" });
  },
);
