import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runAgent } from "../helpers/agent.ts";
import { rawRecord, sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, type Stage, setUp } from "./stage.ts";

setDefaultTimeout(30_000);

let stage: Stage;
beforeEach(async () => {
  stage = await setUp(sqliteQueues);
  const timestamp = Date.now() / 1000;
  await stage.queues.write("chouette:metrics:raw", [
    rawRecord({ metric: "größe", type: "count", value: 1, timestamp, tags: {} }),
  ]);
});
afterEach(cleanUp);

/** Runs the executable with its standard output as the shell words say. */
const through = (script: string) => ({ prefix: ["sh", "-c", script, "sh"] });

describe("standard output", () => {
  test.each(["inspect-queue", "inspect-queue --json", "test-plugins host", "flush --json"])(
    "that cannot be written is exit code 1: %s",
    async (words) => {
      const options = through('"$@" >/dev/full');
      const { code, stderr } = await runAgent(words.split(" "), stage.env, options);
      expect(code).toBe(1);
      expect(stderr).toContain("standard output");
    },
  );

  test("whose reader has closed it is not an error", async () => {
    const options = through('"$@" | true');
    expect((await runAgent(["inspect-queue"], stage.env, options)).code).toBe(0);
  });

  test("is ASCII under LC_ALL=C, and JSON the same document", async () => {
    const env = { ...stage.env, LC_ALL: "C", COLLECT_PLUGINS: "host" };
    const text = await runAgent(["inspect-queue", "--peek", "1"], env);
    expect(text.stdout + text.stderr).toMatch(/^[\0-\x7f]*$/);
    expect(text.stdout).toContain("gr\\u00f6");
    const { stdout } = await runAgent(["inspect-queue", "--json", "--peek", "1"], env);
    expect(stdout).toMatch(/^[\0-\x7f]*$/);
    expect(JSON.parse(stdout).queues[0].records[0].value.metric).toBe("größe");
  });

  test("fits a terminal of 40 columns", async () => {
    const script = join(stage.queues.dir, "narrow.sh");
    await writeFile(script, "stty cols 40\nexec $PROGRAM\n");
    const prefix = ["sh", "-c", `PROGRAM="$*" script -qec "sh ${script}" /dev/null`, "sh"];
    const { stdout } = await runAgent(["inspect-queue"], stage.env, { prefix });
    const tooWide = stdout.split(/\r?\n/).filter((line) => line.length > 40 && line.includes("RECORDS"));
    expect(stdout).toContain("    RECORDS");
    expect(tooWide).toEqual([]);
  });
});
