import { join } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { type Machine, startMachine } from "../helpers/nspawn.ts";

export const KEY = "0123456789abcdef0123456789abcdef";

const TREE = join(import.meta.dir, "../../systemd");
const UNIT = "/etc/systemd/system/chouette.service";

/** A machine on which Chouette is installed by hand, and not started. */
export type Service = {
  machine: Machine;
  /** Runs a line of shell as root; its output, or an error when it fails. */
  sh(line: string): Promise<string>;
  /** Writes /etc/chouette/chouette.env; without DogStatsD, as the machine's port 8125 is the host's, which other rigs take. */
  configure(env: Readonly<Record<string, string>>): Promise<void>;
  /** A drop-in of the unit, and what goes with it. */
  override(name: string, lines: readonly string[]): Promise<void>;
  /** A property of the unit, as `systemctl show` has it. */
  property(name: string): Promise<string>;
  /** Resolves when the property is as wanted. */
  becomes(name: string, wanted: RegExp): Promise<void>;
  /** What the agent logged, and systemd of it, since `forget` was called. */
  journal(): Promise<string>;
  forget(): Promise<void>;
  /** Resolves when that matches. */
  logged(wanted: RegExp): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function installService(binds: Readonly<Record<string, string>> = {}): Promise<Service> {
  const machine = await startMachine({ binds });
  const sh = async (line: string) => {
    const { code, stdout, stderr } = await machine.exec(["sh", "-c", line]);
    if (code !== 0) throw new Error(`${line}: ${code}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const property = (name: string) => sh(`systemctl show -P ${name} chouette`);
  let cursor = "";
  const journal = () => sh(`journalctl --no-pager --output=cat -u chouette ${cursor}`);
  const until = async (look: () => Promise<string>, wanted: RegExp) => {
    while (!wanted.test(await look()));
  };
  await sh("useradd --system --user-group --home-dir /var/lib/chouette --shell /usr/sbin/nologin chouette");
  await machine.copyIn(await executable(), "/usr/local/bin/chouette", 0o755);
  await machine.copyIn(join(TREE, "chouette.service"), UNIT);
  await machine.copyIn(join(TREE, "chouette.env"), "/etc/chouette/chouette.env", 0o640);
  await machine.write("/etc/chouette/api_key", `${KEY}\n`, 0o640);
  await sh("chown -R root:chouette /etc/chouette && systemctl daemon-reload");
  return {
    machine,
    sh,
    property,
    journal,
    async forget() {
      const [, last = ""] = /^-- cursor: (.*)$/m.exec(await sh("journalctl -n 0 --show-cursor")) ?? [];
      cursor = `--after-cursor='${last}'`;
    },
    becomes: (name, wanted) => until(() => property(name), wanted),
    logged: (wanted) => until(journal, wanted),
    async configure(env) {
      const text = Object.entries({ DOGSTATSD: "false", ...env }).map(
        ([name, value]) => `${name}=${value}\n`,
      );
      await machine.write("/etc/chouette/chouette.env", text.join(""), 0o640);
      await sh("chgrp chouette /etc/chouette/chouette.env");
    },
    async override(name, lines) {
      await machine.write(`${UNIT}.d/${name}.conf`, `[Service]\n${lines.join("\n")}\n`);
      await sh("systemctl daemon-reload");
    },
    [Symbol.asyncDispose]: machine.stop,
  };
}
