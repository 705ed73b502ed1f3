import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { readText } from "../helpers/readmes.ts";
import { arrived, cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(60_000);
afterEach(cleanUp);

const screens = readText("src/commands/README.md").split(/^```\n/m);

/** Returns what stands before two blanks in each line of a screen, without numbers: names of its lines, and heads of its tables. */
function labelsOf(screen: string): string[] {
  const lines = screen.split("\n").filter((line) => !/^(\$|using|chouette:|\s|$)/.test(line));
  return [
    ...new Set(
      lines.map(
        (line) =>
          line
            .replace(/\d\S*.*/, "")
            .split(/ {2}/, 1)[0]
            ?.trim() ?? "",
      ),
    ),
  ];
}

/** Expects that each line of a command's output is in its screen. */
async function compare(command: string, env: Record<string, string>): Promise<void> {
  const shown = screens.find((screen) => screen.startsWith(`$ sudo chouette ${command}`)) ?? "";
  const { stdout } = await runAgent([command], env);
  const printed = labelsOf(stdout);
  expect(printed.length).toBeGreaterThan(3);
  expect(labelsOf(shown)).toEqual(expect.arrayContaining(printed));
}

test("the screens of flush and inspect-queue in their README have the lines that the program prints", async () => {
  const stage = await setUp(sqliteQueues);
  const timestamp = Date.now() / 1000 - 30;
  const record = rawRecord({ metric: "my.count", type: "count", value: 1, timestamp, tags: {} });
  await stage.queues.write("chouette:metrics:raw", [record]);
  await compare("flush", stage.env);

  const agent = await startAgent(["run"], { ...stage.env, COLLECT_PLUGINS: "host" });
  await arrived(stage, agent, () => stage.intake.series.size > 3);
  await compare("inspect-queue", stage.env);
  agent.kill("SIGTERM");
  await agent.ended;
});
