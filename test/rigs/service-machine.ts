import { chmodSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { type IntakeServer, startIntake } from "../../scripts/servers/intake.ts";
import { type RedisServer, startRedis } from "../../scripts/servers/redis-server.ts";
import type { NewRecord } from "../../src/storage/storage.ts";
import { KEY } from "../config/load.ts";
import { type ExecResult, type Machine, startMachine } from "../helpers/nspawn.ts";
import { rawRecord } from "../helpers/queues.ts";

export const ENV_FILE = "/etc/chouette/chouette.env";
export const STATE = "/var/lib/chouette";

/** A machine with the service as it is installed, not yet started, an intake that it delivers to, and a Redis. */
export type ServiceMachine = {
  machine: Machine;
  intake: IntakeServer;
  redis: RedisServer;
  /** Runs a script as root; rejects when it fails. */
  sh(script: string): Promise<string>;
  /** As an administrator types it: as root, with an environment of root's. */
  typed(command: string): Promise<ExecResult>;
  /** The same of another user. */
  typedBy(user: string, command: string): Promise<ExecResult>;
  /** What `systemctl edit chouette` does. */
  edit(...lines: string[]): Promise<void>;
  /** Counts half a minute ago, as an application does, in the embedded storage in this directory. */
  count(directory: string, ...values: number[]): Promise<void>;
  /** A count of the same metric that has yet to be put somewhere. */
  counted(value: number): NewRecord;
  /** The sum of everything that was counted, and of what of it the intake has. */
  sums(): { counted: number; delivered: number; conflicts: string[] };
  stop(): Promise<void>;
};

const ROOT = resolve(import.meta.dir, "../..");
const UNIT = "/etc/systemd/system/chouette.service";

export async function startServiceMachine(files: Readonly<Record<string, string>>): Promise<ServiceMachine> {
  const intake = await startIntake({ apiKey: KEY });
  const redis = await startRedis(["--unixsocketperm", "777"]);
  chmodSync(dirname(redis.socket), 0o755);
  const machine = await startMachine({
    binds: {
      "/usr/local/bin/chouette": await executable(),
      "/run/redis": dirname(redis.socket),
      "/checkout": ROOT,
    },
    files,
  });
  const sh = async (script: string) => {
    const { code, stdout, stderr } = await machine.exec(["sh", "-ec", script]);
    if (code !== 0) throw new Error(`${script}\nended with ${code}: ${stderr}`);
    return stdout;
  };
  await machine.copyIn(join(ROOT, "systemd/chouette.service"), UNIT);
  await machine.write(ENV_FILE, envFile(intake.url), 0o640);
  await machine.write("/etc/chouette/api_key", `${KEY}\n`, 0o640);
  await sh(`useradd --system --user-group --home-dir ${STATE} --shell /usr/sbin/nologin chouette
    useradd --create-home pi
    chown root:chouette /etc/chouette/*
    systemctl daemon-reload`);

  let [sum, part] = [0, 0];
  const counted = (value: number) => {
    sum += value;
    const timestamp = Date.now() / 1000 - 30;
    // Where a second of a series has a point already is known to the storage, and these are several.
    return rawRecord({ metric: "rig.count", type: "count", value, timestamp, tags: { part: part++ } });
  };
  return {
    machine,
    intake,
    redis,
    sh,
    typed: (command) =>
      machine.exec(command.split(" "), { env: { HOST: "of-a-shell", XDG_STATE_HOME: "/root/state" } }),
    typedBy: (user, command) =>
      machine.exec([...`setpriv --reuid=${user} --regid=${user} --clear-groups ${command}`.split(" ")]),
    edit: async (...lines) => {
      await machine.write(`${UNIT}.d/override.conf`, `[Service]\n${lines.join("\n")}\n`);
      await sh("systemctl daemon-reload");
    },
    count: async (directory, ...values) => {
      const program = ["/checkout/node_modules/bun/bin/bun.exe", "/checkout/test/rigs/write-records.ts"];
      const { code, stderr } = await machine.exec([...program, `${directory}/chouette.db`], {
        stdin: JSON.stringify(values.map(counted)),
      });
      if (code !== 0) throw new Error(`the records could not be written: ${stderr}`);
    },
    counted,
    sums: () => ({ counted: sum, delivered: intake.sumOf("rig.count"), conflicts: intake.conflicts }),
    stop: async () => {
      await machine.stop();
      await redis.stop();
      await intake.stop();
    },
  };
}

/** Releases come an hour apart: what is delivered, a command has sent, or the last pass of a service that is stopped. */
function envFile(intake: string): string {
  return `COLLECT_PLUGINS=host
HOST=attic
DATADOG_URL=${intake}/api
DATADOG_LOGS_URL=${intake}
RELEASE_INTERVAL=3600
SEND_SELF_METRICS=false
`;
}
