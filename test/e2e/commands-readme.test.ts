import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
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

test("the screens of inspect-queue and flush in their README have the lines that the program prints", async () => {
  const stage = await setUp(sqliteQueues);
  const agent = await startAgent(["run"], { ...stage.env, COLLECT_PLUGINS: "host" });
  await arrived(stage, agent, () => stage.intake.series.size > 3);
  for (const command of ["inspect-queue", "flush"]) {
    const shown = screens.find((screen) => screen.startsWith(`$ sudo chouette ${command}`)) ?? "";
    const { stdout } = await runAgent([command], stage.env);
    const printed = labelsOf(stdout);
    expect(printed.length).toBeGreaterThan(3);
    expect(labelsOf(shown)).toEqual(expect.arrayContaining(printed));
  }
  agent.kill("SIGTERM");
  await agent.ended;
});
