import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { LOGS } from "../e2e/left-by-python.ts";
import { runAgent } from "../helpers/agent.ts";
import { blocksIn } from "../helpers/readmes.ts";
import { DEPLOY, makeImages } from "./deploy-images.ts";
import { leaveBehind } from "./leave-behind.ts";
import { type NetworkedDocker, startNetworkedDocker } from "./networked-docker.ts";

/** scripts/test.sh: the image and the compose file of scripts/deploy on a real Docker Engine. As root. */
setDefaultTimeout(60_000);

const KEY = "0123456789abcdef0123456789abcdef";

let engine: NetworkedDocker;
let intake: IntakeServer;
/** The environment of an agent that delivers to that intake, soon. */
let delivery: Record<string, string>;

beforeAll(async () => {
  engine = await startNetworkedDocker();
  await makeImages(engine);
  intake = await startIntake({ apiKey: KEY });
  const address = await engine.expose(intake.port);
  delivery = {
    DATADOG_URL: `http://${address}/api`,
    DATADOG_LOGS_URL: `http://${address}`,
    CAPTURE_INTERVAL: "1",
    AGGREGATE_INTERVAL: "1",
    RELEASE_INTERVAL: "1",
  };
}, 180_000);
afterAll(async () => {
  await intake.stop();
  await engine[Symbol.asyncDispose]();
});

/** Whatever a test started. */
afterEach(async () => {
  const ids = (await engine.docker("ps", "-aq")).split("\n").filter((id) => id !== "");
  if (ids.length > 0) await engine.docker("rm", "-fv", ...ids);
});

describe("the image", () => {
  test("contains the executable, its libraries, and no other program", async () => {
    const listed = await engine.run("sh", ["-c", "docker export $(docker create chouette) | tar -t"]);
    const ofDocker = /^(\.dockerenv|dev\/.*|etc\/(hostname|hosts|resolv\.conf|mtab)|proc\/|sys\/)$/;
    const files = listed.split("\n").filter((path) => !path.endsWith("/") && !ofDocker.test(path));
    expect(
      files.filter((path) => !/^lib(64)?\/(x86_64-linux-gnu\/)?(ld-linux|lib)[\w+-]*\.so\.\d$/.test(path)),
    ).toEqual([
      "etc/group",
      "etc/nsswitch.conf",
      "etc/passwd",
      "usr/local/bin/chouette",
      "usr/share/doc/chouette/THIRD-PARTY-NOTICES.txt",
    ]);
  });

  test("is little larger than the executable, and runs as an unprivileged user", async () => {
    const [image] = JSON.parse(await engine.docker("image", "inspect", "chouette"));
    console.log(`image: ${(image.Size / 1e6).toFixed(1)} MB`);
    expect(image.Size - statSync(await executable()).size).toBeLessThan(6e6);
    expect(image.Config).toMatchObject({
      User: "65532:65532",
      Entrypoint: ["chouette"],
      Cmd: ["run"],
      Volumes: { "/var/lib/chouette": {} },
    });
  });

  test.each([
    ["README.md", "volume"],
    ["scripts/deploy/README.md", "volume and its records in RAM"],
  ])(
    "started as %s says, measures the host, keeps its queues in its %s, and stops cleanly",
    async (readme) => {
      const key = join(engine.folder, "api_key");
      writeFileSync(key, KEY);
      chownSync(key, 65532, 65532);
      intake.series.clear();
      const ram = mkdtempSync("/dev/shm/chouette-rig-");
      chownSync(ram, 65532, 65532);
      const block = blocksIn(readme, ["sh"]).find(({ text }) => text.includes("docker run"))?.text ?? "";
      const [run = "", status = ""] = block
        .replace("/etc/chouette/api_key:", `${key}:`)
        .replace("/run/chouette:", `${ram}:`)
        .replace("docker run", ["docker run", ...variables(delivery)].join(" "))
        .split(/(?=^docker exec)/m);
      await engine.run("sh", ["-ec", run]);
      await intake.until(() => seriesOf(hostname()).length >= 6);
      expect(seriesOf(hostname()).filter((series) => series.startsWith("Chouette"))).toEqual(
        await seriesOutside(),
      );
      expect(await engine.run("sh", ["-ec", status])).toMatch(
        /^last delivery +\S+ s ago: .*^storage +sqlite \/var\/lib\/chouette\/chouette\.db$/ms,
      );

      expect(readdirSync(ram).length > 0).toBe(readme !== "README.md");
      await engine.docker("stop", "chouette");
      rmSync(ram, { recursive: true });
      expect(await engine.docker("inspect", "-f", "{{.State.ExitCode}}", "chouette")).toBe("0");
      expect((await engine.docker("logs", "chouette")).split("\n").at(-1)).toContain(
        '"msg":"chouette stopped"',
      );
      const own = ["-v", "chouette:/var/lib/chouette", "-e", "CHOUETTE_STORAGE_TYPE=sqlite"];
      expect(await engine.docker("run", "--rm", ...own, "chouette", "inspect-queue")).toMatch(
        /^last delivery +\S+ s ago: /m,
      );
    },
  );
});

test("replaces the Python agent: its documented environment, its queues, and the documented changes", async () => {
  // docs/DEPLOYMENT_EXAMPLES.md of github.com/akatashev/chouette-iot, with another image and without its `command` and tegrastats.
  const compose = `version: "3.5"
networks:
  default:
    name: my-network
services:
  redis:
    image: redis:7
  chouette:
    image: chouette
    links:
      - redis
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
    environment:
      - API_KEY=${KEY}
      - GLOBAL_TAGS=["host:nvidia-nano", "environment:Development"]
      - COLLECTOR_PLUGINS=["host", "docker"]
      - METRICS_WRAPPER=datadog
${Object.entries({ ...delivery, HOST: "nano" })
  .map(([name, value]) => `      - ${name}=${value}\n`)
  .join("")}`;
  const cwd = join(engine.folder, "python");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "docker-compose.yml"), compose);
  await composed(cwd, "up", "-d", "redis");
  await leaveBehind(engine);
  await composed(cwd, "up", "-d");

  await intake.until(() => intake.sumOf("door.opened") === 14 && intake.logs.length === LOGS.length);
  await intake.until(() => Object.keys(success("nano")).length === 2);
  expect(success("nano")).toEqual({ host: 1, docker: 0 });
  expect(intake.conflicts).toEqual([]);
  expect(await composed(cwd, "exec", "-T", "chouette", "chouette", "inspect-queue")).toMatch(
    /^storage +redis redis:\/\/redis:6379$/m,
  );
  expect(await composed(cwd, "logs", "chouette")).toContain("/var/run/docker.sock");
  await composed(cwd, "down", "-v");
});

test("docker-compose.yml delivers the device, its containers and its applications", async () => {
  const cwd = join(engine.folder, "compose");
  mkdirSync(cwd);
  copyFileSync(join(DEPLOY, "docker-compose.yml"), join(cwd, "docker-compose.yml"));
  const missing = composed(cwd, "config").catch((error: { stderr: string }) => error.stderr);
  expect(await missing).toContain("is missing in .env, see above");

  writeFileSync(join(cwd, ".env"), "HOST=attic\nDOCKER_GID=0\n");
  const keyless = await composed(cwd, "up", "--no-build", "-d").catch(
    (error: { stderr: string }) => error.stderr,
  );
  expect(keyless).toContain("bind source path does not exist");
  expect(existsSync(join(cwd, "api_key"))).toBe(false);

  writeFileSync(join(cwd, "api_key"), KEY, { mode: 0o400 });
  chownSync(join(cwd, "api_key"), 65532, 65532);
  writeFileSync(join(cwd, ".env"), `HOST=attic\nDOCKER_GID=${statSync(engine.socketPath).gid}\n`);
  writeFileSync(
    join(cwd, "docker-compose.override.yml"),
    JSON.stringify({ services: { chouette: { environment: delivery } } }),
  );
  await composed(cwd, "up", "-d");

  const containers = ["chouette", "redis"].map(
    (name) => `Chouette.docker.memory.usage container:compose_${name}_1`,
  );
  await intake.until(() => containers.every((series) => seriesOf("attic").includes(series)));
  expect(success("attic")).toEqual({ host: 1, docker: 1 });
  expect(seriesOf("attic").filter((series) => series.startsWith("Chouette.host"))).toEqual(
    await seriesOutside(),
  );
  await composed(cwd, "exec", "-T", "chouette", "chouette", "inspect-queue", "--health");
  await leaveBehind(engine);
  await intake.until(() => intake.logs.filter(({ hostname }) => hostname === "attic").length === LOGS.length);
  expect(await composed(cwd, "exec", "-T", "chouette", "chouette", "inspect-queue")).toMatch(
    /^storage +redis redis:\/\/redis:6379$/m,
  );

  await composed(cwd, "stop", "chouette");
  expect(await composed(cwd, "logs", "--no-color", "chouette")).toContain('"msg":"chouette stopped"');
  expect(await engine.docker("inspect", "-f", "{{.State.ExitCode}}", "compose_chouette_1")).toBe("0");
  await composed(cwd, "down", "-v");
});

const composed = (cwd: string, ...words: string[]) => engine.run("docker-compose", words, { cwd });

function variables(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
}

/** `Chouette.host.fs.used device:/dev/vda` of a host, without the tags of all, sorted. */
function seriesOf(host: string): string[] {
  const ofAll = /^(host|site|environment):/;
  return [...intake.series.keys()]
    .map((identity) => identity.split(/\|\w+\||,/))
    .filter((words) => words.includes(`host:${host}`))
    .map((words) => words.filter((word) => word !== "" && !ofAll.test(word)).join(" "))
    .sort();
}

/** What the executable finds on this machine itself. */
async function seriesOutside(): Promise<string[]> {
  const { stdout } = await runAgent(["test-plugins", "--json", "host"], {});
  const { plugins } = JSON.parse(stdout) as { plugins: [{ points: { metric: string; tags: string[] }[] }] };
  return plugins[0].points.map(({ metric, tags }) => [metric, ...tags].join(" ")).sort();
}

/** The latest `chouette.plugin.success` of a host's plugins. */
function success(host: string): Record<string, number> {
  const found = [...intake.series]
    .filter(
      ([identity]) => identity.startsWith("chouette.plugin.success|") && identity.includes(`host:${host}`),
    )
    .map(([identity, seconds]): [string, number] => [
      /plugin:(\w+)/.exec(identity)?.[1] ?? "",
      [...seconds].sort(([a], [b]) => a - b).at(-1)?.[1] ?? Number.NaN,
    ]);
  return Object.fromEntries(found);
}
