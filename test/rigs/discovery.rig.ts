import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { KEY } from "../config/load.ts";
import { ENV_FILE, type ServiceMachine, STATE, startServiceMachine } from "./service-machine.ts";

/** scripts/test.sh: what is typed beside the service, under a real systemd: which file, queues and user it works with. As root. */
setDefaultTimeout(30_000);

const USING = `using the service's ${ENV_FILE}`;
const OTHERS = "(others: --env-file FILE)";

let on: ServiceMachine;
beforeAll(async () => {
  on = await startServiceMachine({ "/root/secret": "of root's\n", "/who.sh": WHO, "/secret.js": SECRET });
  await on.sh("chmod 600 /root/secret; chmod 755 /who.sh");
});
afterAll(() => on?.stop());

/** Who runs it, as points. */
const WHO = `#!/bin/sh
echo "who.uid:$(id -u)|g"
for group in $(id -Gn); do echo "who.group:1|g|#name:$group"; done
`;

const SECRET = `export default {
  collect: async ({ readText }) => [{ metric: "secret.length", value: (await readText("/root/secret")).length }],
};
`;

describe("root beside a running service", () => {
  beforeAll(() => on.sh("systemctl start chouette"));

  test("flush delivers the queues once, under the service's host", async () => {
    await on.count(STATE, 7, 8, 9);
    expect(await on.typed("chouette flush")).toEqual({
      code: 0,
      stdout: expect.stringMatching(/everything was delivered\n$/),
      stderr: `${USING} and ${STATE}, as user chouette ${OTHERS}\n`,
    });
    expect(on.sums()).toEqual({ counted: 24, delivered: 24, conflicts: [] });
    expect([...on.intake.series.keys()].filter((name) => !/[|,]host:attic(,|$)/.test(name))).toEqual([]);
    await expectOwner("chouette");
  });

  test("inspect-queue shows the delivery, and --json has standard output to itself", async () => {
    const { code, stdout, stderr } = await on.typed("chouette inspect-queue --json");
    expect([code, stderr]).toEqual([0, `${USING} and ${STATE}, as user chouette ${OTHERS}\n`]);
    expect(JSON.parse(stdout)).toMatchObject({
      storage: { type: "sqlite", where: `${STATE}/chouette.db` },
      last_delivery: { outcome: "delivered" },
    });
  });

  test("test-plugins shows what the service can see, not what root can", async () => {
    const { code, stdout, stderr } = await on.typed(
      "chouette test-plugins --json host exec:/who.sh /secret.js",
    );
    expect([code, stderr]).toEqual([1, `${USING}, as user chouette ${OTHERS}\n`]);
    const [host, who, secret] = JSON.parse(stdout).plugins;
    expect(host).toMatchObject({ ok: true, configured: true });
    expect(who.points).toMatchObject([
      { metric: "who.uid", value: Number(await on.sh("id -u chouette")) },
      { metric: "who.group", tags: ["name:chouette"] },
    ]);
    expect(secret).toMatchObject({ ok: false, points: [], reason: expect.stringContaining("permission") });
  });
});

describe("root beside a stopped service", () => {
  beforeEach(() => on.sh("systemctl stop chouette"));

  test("leaves no file behind that the service cannot open", async () => {
    await on.count(STATE, 1, 2);
    expect((await on.typed("chouette flush")).stdout).toEndWith("everything was delivered\n");
    await expectOwner("chouette");
    await on.sh(`rm ${STATE}/chouette.db`);
    expect((await on.typed("chouette flush")).stdout).toEndWith("everything was delivered\n");
    await expectOwner("chouette");

    await on.count(STATE, 3);
    await runService(STATE);
    expect(on.sums()).toEqual({ counted: 30, delivered: 30, conflicts: [] });
    await expectOwner("chouette");
  });

  test("gets the command to type when the directory is missing or belongs to another user", async () => {
    await on.sh(`mv ${STATE} ${STATE}.away`);
    const uid = (await on.sh("id -u chouette")).trim();
    const saidBy = async (command: string) => {
      const { code, stdout, stderr } = await on.typed(`chouette ${command}`);
      expect([code, stdout]).toEqual([1, ""]);
      const [using, said] = stderr.trimEnd().split("\n");
      expect(using).toBe(`${USING} and ${STATE}, as user chouette ${OTHERS}`);
      return said;
    };
    const database = `The database ${STATE}/chouette.db`;
    const flushed = await saidBy("flush");
    expect(flushed).toStartWith(`${database} has no directory`);
    expect(flushed).toContain(`sudo install -d -m 750 -o ${uid} ${STATE}`);
    expect(await saidBy("inspect-queue")).toContain(`${STATE}/chouette.db: no agent has run`);
    await on.sh(`mkdir -m 700 ${STATE}`);
    const foreign = expect.stringMatching(new RegExp(`^${database} .* sudo chown -R ${uid} ${STATE}`));
    expect(await saidBy("flush")).toEqual(foreign);
    expect(await saidBy("inspect-queue")).toEqual(foreign);
    await on.sh(`rmdir ${STATE} && mv ${STATE}.away ${STATE}`);
  });
});

describe("another user", () => {
  const why = `The service's ${ENV_FILE} is not readable by this user`;

  test.each(["flush", "inspect-queue"])("gets the sudo command to type: %s", async (command) => {
    expect(await on.typedBy("pi", `chouette ${command}`)).toEqual({
      code: 1,
      stdout: "",
      stderr: `${why}. Type: sudo chouette ${command}\n`,
    });
  });

  test("can test plugins", async () => {
    expect(await on.typedBy("pi", "chouette test-plugins host")).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^host: ok, .* \(not configured\)$/m),
      stderr: `${why}; using the defaults and this user's permissions. Type: sudo chouette test-plugins\n`,
    });
  });

  test("has a separate database, even if root creates it", async () => {
    await on.machine.write("/home/pi/my.env", `API_KEY=${KEY}\nCHOUETTE_STATE_DIR=/home/pi/state\n`);
    await on.sh("install -d -o pi -m 700 /home/pi/state");
    const { stderr } = await on.typed("chouette flush --env-file /home/pi/my.env");
    const uid = (await on.sh("id -u pi")).trim();
    expect(stderr).toBe(`working as user ${uid}, to whom /home/pi/state belongs\n`);
    await expectOwner("pi", "/home/pi/state");
  });
});

describe("a command uses what the owner added to the unit:", () => {
  test("another directory, tags with umlauts, a group", async () => {
    await on.sh("install -d -o chouette /data/chouette");
    await on.edit(
      "Environment=CHOUETTE_STATE_DIR=/data/chouette",
      'Environment=\'GLOBAL_TAGS=["ort:Büro_2", "zone:a"]\'',
      "SupplementaryGroups=video",
      "ReadWritePaths=/data",
    );
    await on.count("/data/chouette", 20, 22);
    expect(await on.typed("chouette flush")).toMatchObject({
      code: 0,
      stderr: `${USING} and /data/chouette, as user chouette ${OTHERS}\n`,
    });
    expect(on.sums()).toEqual({ counted: 72, delivered: 72, conflicts: [] });
    expect([...on.intake.series.keys()]).toContainEqual(expect.stringMatching(/,ort:Büro_2,part:\d+,zone:a/));
    expect((await on.typed("chouette test-plugins exec:/who.sh")).stdout).toContain("name:video");

    await on.count("/data/chouette", 28);
    await runService("/data/chouette");
    expect(on.sums()).toEqual({ counted: 100, delivered: 100, conflicts: [] });
    await expectOwner("chouette", "/data/chouette");
  });

  test("Redis", async () => {
    await on.edit("Environment=REDIS_URL=unix:///run/redis/redis.sock");
    await on.sh("systemctl start chouette");
    const { key, at, body } = on.counted(50);
    await on.redis.cli("ZADD", "chouette:metrics:raw.keys", String(at), key);
    await on.redis.cli("HSET", "chouette:metrics:raw.values", key, body);
    expect(await on.typed("chouette flush")).toMatchObject({
      code: 0,
      stderr: `${USING} and unix:///run/redis/redis.sock, as user chouette ${OTHERS}\n`,
    });
    expect(on.sums()).toEqual({ counted: 150, delivered: 150, conflicts: [] });
    await on.sh("systemctl stop chouette");
  });

  test("a user that does not exist", async () => {
    await on.edit("User=owl");
    const { code, stderr } = await on.typed("chouette flush");
    expect(code).toBe(1);
    expect(stderr).toContain("user owl");
    expect(stderr).toContain("getent passwd owl");
  });
});

/** Until it has opened its database, and then its last pass. */
async function runService(directory: string): Promise<void> {
  await on.sh(`systemctl start chouette
    until [ -e ${directory}/chouette.db-wal ]; do systemctl is-active --quiet chouette; done
    systemctl stop chouette`);
}

async function expectOwner(user: string, directory = STATE): Promise<void> {
  const files = (await on.sh(`find ${directory} -type f -printf '%f %u\\n'`)).trimEnd().split("\n");
  expect(files).toContain(`chouette.db ${user}`);
  expect(files.filter((line) => !line.endsWith(` ${user}`))).toEqual([]);
}
