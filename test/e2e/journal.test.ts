import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { runAgent, startAgent } from "../helpers/agent.ts";
import { sqliteQueues } from "../helpers/queues.ts";
import { cleanUp, setUp } from "./stage.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

/** Connects standard error to the journal, as far as the program can tell. */
const prefix = ["sh", "-c", 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$0" "$@"'];

test("the journal gets readable lines with their priority, and no key", async () => {
  const { env } = await setUp(sqliteQueues);
  const wrong = { ...env, COLLECT_PLUGINS: "host", API_KEY: "fedcba9876543210fedcba9876543210" };
  const agent = await startAgent(["run"], wrong, { prefix });
  await agent.logged("metrics kept, not sent");
  agent.kill("SIGTERM");
  const { stderr } = await agent.ended;
  const [start, ...others] = stderr.trimEnd().split("\n");
  expect(start).toMatch(
    /^<6>chouette \S+ starting: plugins host; queues in \S+; sends to 127\.0\.0\.1:\d+ as pi$/,
  );
  const kept =
    /^<3>metrics kept, not sent: 127\.0\.0\.1:\d+ refused the API key \(403\): check API_KEY.*; \d+ waiting$/;
  expect(others.filter((line) => kept.test(line))).not.toBeEmpty();
  expect(others.filter((line) => !/^<[346]>\S/.test(line))).toEqual([]);
  expect(stderr).not.toContain(wrong.API_KEY);
});

test("the journal gets an invalid configuration as errors", async () => {
  const { code, stderr } = await runAgent(["run"], { LOG_LEVEL: "loud" }, { prefix });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^<3>Invalid configuration:\n<3> {2}API_KEY: .*\n<3> {2}LOG_LEVEL: .*\n$/);
});

test("with LOG_FORMAT=json the journal gets JSON lines", async () => {
  const { env } = await setUp(sqliteQueues);
  const agent = await startAgent(["run"], { ...env, LOG_FORMAT: "json" }, { prefix });
  await agent.logged("starting");
  agent.kill("SIGTERM");
  const lines = (await agent.ended).stderr.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).msg).at(-1)).toBe("chouette stopped");
});
