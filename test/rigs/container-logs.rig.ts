import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { type Agent, startAgent } from "../helpers/agent.ts";
import { type ContainerEngine, startDocker, startPodman } from "./container-engines.ts";

/** scripts/test.sh: logs of containers on real engines, from their files to an intake. As root. */
setDefaultTimeout(90_000);

const KEY = "k".repeat(32);
const LINES = 1500;

/** Some 40 kB in two seconds: with files of 20 kB, two of them come and go between two looks of the agent. */
const WRITER = [
  "sh",
  "-c",
  `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "line $i of many, none of which may be lost"; [ $((i%10)) -gt 0 ] || sleep 0.04; done; echo over >&2`,
];

/** Nobody listens there. A delivery whose answer was lost is repeated: the agent is killed while nothing is delivered. */
const NOWHERE = "http://127.0.0.1:9";

let intake: IntakeServer;
let state: string;
beforeAll(async () => {
  intake = await startIntake({ apiKey: KEY });
  state = mkdtempSync(`${tmpdir()}/chouette-container-logs-`);
});
afterAll(async () => {
  await intake?.stop();
  rmSync(state, { recursive: true, force: true });
});

function start(name: string, files: string, url = intake.url): Promise<Agent> {
  return startAgent(["run"], {
    API_KEY: KEY,
    DATADOG_URL: `${url}/api`,
    DATADOG_LOGS_URL: url,
    CHOUETTE_STATE_DIR: `${state}/${name}`,
    RELEASE_INTERVAL: "1",
    SEND_SELF_METRICS: "false",
    LOG_FILES: files,
  });
}

const logsOf = (service: string) => intake.logs.filter((log) => log.service === service);

async function expectEveryLineOnce(service: string, tags: string): Promise<void> {
  await intake.until(() => logsOf(service).some(({ message }) => message === "over"));
  await intake.until(() => logsOf(service).length >= LINES + 1);
  // What waited arrives newest first.
  const numberOf = ({ message }: { message?: unknown }) => Number(/\d+/.exec(String(message))?.[0]);
  const lines = logsOf(service)
    .filter(({ message }) => message !== "over")
    .sort((a, b) => numberOf(a) - numberOf(b));
  const times = lines.map(({ timestamp }) => Number(timestamp));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(lines.map(({ message }) => message)).toEqual(
    Array.from({ length: LINES }, (_, i) => `line ${i + 1} of many, none of which may be lost`),
  );
  expect(new Set(lines.map(({ ddtags }) => ddtags))).toEqual(new Set([tags]));
  expect(logsOf(service).find(({ message }) => message === "over")).toMatchObject({ status: "error" });
}

describe("Docker Engine", () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await startDocker();
  });
  afterAll(() => engine?.[Symbol.asyncDispose]());

  test("json-file with max-size: every line once, with its time, by the container's name, through rotation and kill -9", async () => {
    const files = `${dirname(engine.socketPath)}/data/containers/*/*-json.log`;
    const agent = await start("docker", files, NOWHERE);
    // It has looked once: what appears now is read from its beginning.
    await agent.logged("no such file");
    const rotation = ["--log-driver=json-file", "--log-opt=max-size=20k", "--log-opt=max-file=20"];
    await engine.run("web", rotation, ...WRITER);
    await engine.until(["logs", "-f", "web"], /line 800 /);
    agent.kill("SIGKILL");
    await agent.ended;
    const again = await start("docker", files);
    await expectEveryLineOnce("web", "container:web");
    again.kill("SIGTERM");
    await again.ended;
  });
});

describe("Podman", () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await startPodman();
  });
  afterAll(() => engine?.[Symbol.asyncDispose]());

  test("k8s-file: every line once, with its time, by the container's name", async () => {
    const agent = await start("podman", `${dirname(engine.socketPath)}/root/*-containers/*/userdata/ctr.log`);
    // It has looked once: what appears now is read from its beginning.
    await agent.logged("no such file");
    await engine.run("shop", ["--log-driver=k8s-file"], ...WRITER);
    await expectEveryLineOnce("shop", "container:shop");
    agent.kill("SIGTERM");
    await agent.ended;
  });
});
