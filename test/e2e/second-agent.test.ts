import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Agent, runAgent, startAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { arrived, cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

/** A stage with an agent that has delivered something. */
async function started(): Promise<{ stage: Stage; agent: Agent; state: string }> {
  const stage = await setUp(sqliteQueues);
  const state = join(stage.queues.dir, "state");
  const env = { ...stage.env, CHOUETTE_STATE_DIR: state, COLLECT_PLUGINS: "host" };
  const agent = await startAgent(["run"], env);
  await arrived(stage, agent, () => stage.intake.sumOf("Chouette.host.memory.available") > 0);
  return { stage: { ...stage, env }, agent, state };
}

describe("a second agent ends while the first one lives", () => {
  test("although the first one sees another boot id, as in the sandbox of a unit", async () => {
    const { stage, agent, state } = await started();
    const id = join(state, "boot_id");
    await writeFile(id, "00000000-0000-4000-8000-000000000000\n");
    const hide = `mount --bind ${id} /proc/sys/kernel/random/boot_id && exec "$@"`;
    const prefix = ["unshare", "-m", "sh", "-c", hide, "sh"];
    const second = await runAgent(["run"], stage.env, { prefix });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`pid ${agent.pid} on host `);
  });

  test("although the clock was set back by an hour, which its lease then seems to outlast", async () => {
    const { stage, agent, state } = await started();
    const database = new DatabaseSync(join(state, "chouette.db"));
    database.exec("PRAGMA busy_timeout = 5000; UPDATE lease SET until = until + 3600");
    database.close();
    const second = await runAgent(["run"], stage.env);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`pid ${agent.pid} on host `);
  });
});
