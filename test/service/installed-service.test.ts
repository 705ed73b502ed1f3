import { describe, expect, test } from "bun:test";
import { embedded, KEY } from "../config/load.ts";
import { ENV_FILE, FILES, SHOWN, typedBesideService } from "../helpers/typed-beside-service.ts";

const COMMANDS = ["flush", "inspect-queue", "test-plugins"];
const withUnit = (line: string) => SHOWN.replace(new RegExp(`^${line.split("=", 1)[0]}=.*$`, "m"), line);

describe("the service's settings are used", () => {
  test.each(COMMANDS)("for %s", async (command) => {
    const { config, asked } = await typedBesideService(command);
    expect(asked).toBe(1);
    expect(config).toMatchObject({
      apiKey: KEY,
      host: "attic",
      plugins: { chosen: [{ name: "host" }] },
      storage: embedded("/var/lib/chouette"),
    });
  });

  test("by every command with --env-file of the service", async () => {
    for (const command of ["run", "run --dry-run", "run --check", ...COMMANDS]) {
      const { config, said } = await typedBesideService(`${command} --env-file ${ENV_FILE}`);
      expect(config?.storage).toEqual(embedded("/var/lib/chouette"));
      expect(said).toStartWith(`using the service's ${ENV_FILE}`);
      expect(said).not.toContain("others");
    }
  });

  test("what its owner added to the unit comes before the file, a file of EnvironmentFile= before both", async () => {
    const files = {
      ...FILES,
      [ENV_FILE]: "HOST=file\nRELEASE_INTERVAL=30\nCAPTURE_INTERVAL=30\nCHOUETTE_STATE_DIR=/file",
      "/etc/o.env": "RELEASE_INTERVAL=50\n",
    };
    const shown = withUnit(
      "Environment=CHOUETTE_STATE_DIR=/data/chouette RELEASE_INTERVAL=40 host=unit",
    ).concat(
      "EnvironmentFiles=/etc/none.env (ignore_errors=yes)\nEnvironmentFiles=/etc/o.env (ignore_errors=no)\n",
    );
    expect((await typedBesideService("flush", { files, shown })).config).toMatchObject({
      host: "unit",
      captureInterval: 30,
      releaseInterval: 50,
      storage: { directory: "/data/chouette" },
    });
  });

  test("the key of the file comes before the credential, that of the environment before both", async () => {
    const files = { ...FILES, [ENV_FILE]: "API_KEY=of-the-file" };
    expect((await typedBesideService("flush", { files })).config?.apiKey).toBe("of-the-file");
    const { config, said } = await typedBesideService("flush", { files, env: { API_KEY: "of-the-caller" } });
    expect(config?.apiKey).toBe("of-the-caller");
    expect(said).toContain(", API_KEY of the environment, ");
    expect(said).not.toContain("of-the-caller");
  });

  test("without a StateDirectory= the queues are in the home of its user", async () => {
    const { config } = await typedBesideService("flush", { shown: withUnit("StateDirectory=") });
    expect(config?.storage).toEqual(embedded("/var/lib/chouette/.local/state/chouette"));
  });

  test("the caller's variables win, but for HOST and what says where the caller's things are", async () => {
    const env = {
      HOST: "of-tcsh",
      HOME: "/root",
      XDG_STATE_HOME: "/root/state",
      CREDENTIALS_DIRECTORY: "/run/credentials/sshd.service",
      release_interval: "20",
      HTTPS_PROXY: "http://me:proxypass@proxy:3128",
      TERM: "xterm",
    };
    const { config, said } = await typedBesideService("flush", { env });
    expect(config).toMatchObject({
      apiKey: KEY,
      host: "attic",
      releaseInterval: 20,
      storage: { directory: "/var/lib/chouette" },
    });
    expect(said).toBe(
      `using the service's ${ENV_FILE} and /var/lib/chouette, RELEASE_INTERVAL, HTTPS_PROXY of the environment, as user chouette (others: --env-file FILE)\n`,
    );
  });

  test("and a mistake in them names the file and the line", async () => {
    const files = { ...FILES, [ENV_FILE]: "# settings\nRELEASE_INTERVAL=soon\n" };
    const { said, became } = await typedBesideService("flush", { files });
    expect(said).toBe(
      `using the service's ${ENV_FILE} (others: --env-file FILE)
Invalid configuration:
  RELEASE_INTERVAL: got "soon", expects a whole number of seconds from 1 to 86400 (${ENV_FILE}, line 2)
`,
    );
    expect(became).toEqual([]);
  });
});

describe("the service's settings are not used", () => {
  const nothing = { said: "", config: undefined, asked: 0, became: [] };

  test("by run without its file, and where there is no such file", async () => {
    expect(await typedBesideService("run")).toEqual(nothing);
    expect(await typedBesideService("run --dry-run")).toEqual(nothing);
    for (const command of COMMANDS) expect(await typedBesideService(command, { files: {} })).toEqual(nothing);
  });

  test("with another file", async () => {
    expect(await typedBesideService("flush --env-file /home/pi/my.env")).toEqual({ ...nothing, asked: 1 });
  });

  test("by the service itself", async () => {
    const env = { STATE_DIRECTORY: "/var/lib/chouette" };
    expect(await typedBesideService(`run --env-file ${ENV_FILE}`, { uid: 998, env })).toEqual(nothing);
  });

  test("when the environment names other queues, which is printed", async () => {
    const env = { redis_url: "redis://me:hunter22@pi/0", CHOUETTE_STATE_DIR: "/tmp/mine", REDIS_HOST: " " };
    expect(await typedBesideService("flush", { env })).toEqual({
      ...nothing,
      said: `using REDIS_URL, CHOUETTE_STATE_DIR of the environment, nothing of the service's ${ENV_FILE}\n`,
    });
  });

  test.each([
    ["systemd knows no chouette.service", withUnit("LoadState=not-found")],
    ["cannot start systemctl: no such file", new Error("cannot start systemctl: no such file")],
  ])("when %s, which is printed", async (why, shown) => {
    expect(await typedBesideService("flush", { shown })).toEqual({
      ...nothing,
      asked: 1,
      said: `${ENV_FILE} is not used, because ${why}; to use it: --env-file ${ENV_FILE}\n`,
    });
    expect(await typedBesideService(`flush --env-file ${ENV_FILE}`, { shown })).toEqual({
      ...nothing,
      asked: 1,
    });
  });
});

describe("root becomes the service's user", () => {
  const chouette = { uid: 998, gid: "chouette", groups: ["chouette", "docker"] };

  test.each([
    ["flush", " and /var/lib/chouette"],
    ["inspect-queue --json", " and /var/lib/chouette"],
    ["test-plugins", ""],
  ])("for %s", async (command, queues) => {
    expect(await typedBesideService(command)).toMatchObject({
      said: `using the service's ${ENV_FILE}${queues}, as user chouette (others: --env-file FILE)\n`,
      became: [chouette],
    });
  });

  test("with Redis, whose password is not shown", async () => {
    const files = { ...FILES, [ENV_FILE]: "REDIS_URL=redis://me:hunter22@127.0.0.1:6380/1\n" };
    expect(await typedBesideService("flush", { files })).toMatchObject({
      said: `using the service's ${ENV_FILE} and redis://127.0.0.1:6380/1, as user chouette (others: --env-file FILE)\n`,
      became: [chouette],
    });
  });

  test("with the groups of the unit, or the user's group", async () => {
    const shown = `${withUnit("SupplementaryGroups=video gpio").replace("Group=chouette", "Group=")}`;
    expect((await typedBesideService("flush", { shown })).became).toEqual([
      { uid: 998, gid: 997, groups: [997, "docker", "video", "gpio"] },
    ]);
  });

  test("or gets the command to type when that is not possible", async () => {
    const become = () => {
      throw Object.assign(new Error("EPERM"), { code: "EPERM" });
    };
    expect((await typedBesideService("flush", { become })).said).toBe(
      "root cannot become the service's user chouette: permission denied. Type: sudo -u chouette chouette flush\n",
    );
  });

  test("whom only LDAP knows", async () => {
    const found = { owl: "owl:*:70001:70000:Owl:/home/owl:/bin/sh" };
    const shown = withUnit("User=owl").replace("Group=chouette", "Group=");
    expect(await typedBesideService("flush", { shown, found })).toMatchObject({
      said: expect.stringContaining(", as user owl (others"),
      became: [{ uid: 70001, gid: 70000, groups: [70000] }],
    });
  });

  test("or does nothing where that user is unknown", async () => {
    const typed = await typedBesideService("flush", { shown: withUnit("User=owl") });
    expect(typed).toMatchObject({ config: undefined, became: [] });
    expect(typed.said).toMatch(/user owl is not known .*getent passwd owl/);
  });

  test("not when that is root", async () => {
    expect(await typedBesideService("flush", { shown: withUnit("User=") })).toMatchObject({
      said: expect.stringContaining(", as root (others"),
      became: [],
    });
  });
});

describe("a user other than root", () => {
  const forbidden = { ...FILES, [ENV_FILE]: { code: "EACCES" } };
  const why = `The service's ${ENV_FILE} is not readable by this user`;

  test.each(["flush", "inspect-queue"])("gets the sudo command to type: %s", async (command) => {
    expect(await typedBesideService(command, { uid: 1000, files: forbidden })).toEqual({
      said: `${why}. Type: sudo chouette ${command}\n`,
      config: undefined,
      asked: 0,
      became: [],
    });
    const named = await typedBesideService(`${command} --env-file ${ENV_FILE}`, {
      uid: 1000,
      files: forbidden,
    });
    expect(named.said).toBe(`${why}. Type: sudo chouette ${command}\n`);
    expect((await typedBesideService(command, { uid: 1000 })).said).toBe(
      `The service's queues in /var/lib/chouette belong to user chouette. Type: sudo chouette ${command}\n`,
    );
  });

  test("tests plugins with the defaults when the file is not readable", async () => {
    expect(await typedBesideService("test-plugins", { uid: 1000, files: forbidden })).toMatchObject({
      said: `${why}; using the defaults and this user's permissions. Type: sudo chouette test-plugins\n`,
      config: undefined,
    });
  });

  test("tests plugins with the service's file when it is readable, and sees whose permissions apply", async () => {
    expect(await typedBesideService("test-plugins", { uid: 1000 })).toMatchObject({
      said: `using the service's ${ENV_FILE}, with this user's permissions; for those of chouette: sudo chouette test-plugins (others: --env-file FILE)\n`,
      config: { host: "attic" },
      became: [],
    });
  });

  test("can inspect Redis, and can be the service's user", async () => {
    const files = { ...FILES, [ENV_FILE]: "REDIS_URL=unix:///run/redis.sock\n" };
    expect((await typedBesideService("inspect-queue", { uid: 1000, files })).said).toBe(
      `using the service's ${ENV_FILE} and unix:///run/redis.sock (others: --env-file FILE)\n`,
    );
    expect((await typedBesideService("inspect-queue", { uid: 998 })).said).toBe(
      `using the service's ${ENV_FILE} and /var/lib/chouette (others: --env-file FILE)\n`,
    );
  });
});
