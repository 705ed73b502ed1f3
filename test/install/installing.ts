import { type ExecResult, type Machine, startMachine } from "../helpers/nspawn.ts";

export const SHELLS = { dash: ["dash"], busybox: ["busybox", "sh"] };

/** A machine that has an install.sh, as /root/install.sh, and what one looks at afterwards. */
export type Installing = Machine & {
  install(words: readonly string[], env?: Record<string, string>): Promise<ExecResult>;
  /** Both outputs of a line of shell. */
  sh(script: string): Promise<string>;
  /** Version of the executable, whether the service is active and enabled, and what it says of itself. */
  state(): Promise<string[]>;
  mainPid(): Promise<string>;
  /** Rights, owner and path of everything that is Chouette's. */
  modes(): Promise<string[]>;
  /** Lines of the environment file that are no comments. */
  settings(): Promise<string[]>;
  /** Every path and the checksum of every setting, but for what changes by itself. */
  files(): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What systemd, the kernel and dpkg write by themselves, and copies that useradd leaves. */
const PRUNED = ["proc", "sys", "dev", "run", "tmp", "var/tmp", "var/log", "var/lib/systemd"];

/** Starts one when there is room: tests that run side by side have some at a time. */
export async function startInstalling(installer: string, shell: keyof typeof SHELLS): Promise<Installing> {
  const leave = await enter();
  const machine = await startOneByOne().catch((error) => {
    leave();
    throw error;
  });
  await machine.write("/root/install.sh", installer);
  const sh = async (script: string) => {
    const { stdout, stderr } = await machine.exec(["sh", "-c", script]);
    return stdout + stderr;
  };
  const lines = async (script: string) => (await sh(script)).split("\n").filter((line) => line !== "");
  const prune = `\\( ${PRUNED.map((name) => `-path /${name}`).join(" -o ")} \\) -prune`;
  return {
    ...machine,
    install: (words, env = {}) => machine.exec([...SHELLS[shell], "/root/install.sh", ...words], { env }),
    sh,
    state: async () => {
      const [version = "", active = "", enabled = "", status = ""] = await lines(
        `/usr/local/bin/chouette --version | head -n 1; systemctl is-active chouette; systemctl is-enabled chouette
        systemctl show -p StatusText chouette | sed s/StatusText=//`,
      );
      return [version, active, enabled, status];
    },
    mainPid: () => sh("systemctl show -p MainPID chouette"),
    modes: () =>
      lines(
        `stat -c '%a %U:%G %n' $(find / -xdev ${prune} -o -path '*chouette*' -not -path '*.wants/*' -print | sort)`,
      ),
    settings: () => lines("grep -v '^#' /etc/chouette/chouette.env"),
    files: () =>
      sh(`find / -xdev ${prune} -o -not -name '*-' -not -name .pwd.lock -print | sort
        find /etc -xdev -type f -not -name '*-' -not -name .pwd.lock -exec sha256sum {} + | sort`),
    [Symbol.asyncDispose]: async () => {
      await machine.stop();
      leave();
    },
  };
}

/** Machines at a time: they mostly wait, as an upgrade is watched for half a minute. */
let room = 5;
const waiting: (() => void)[] = [];

async function enter(): Promise<() => void> {
  if (room === 0) await new Promise<void>((free) => waiting.push(free));
  else room--;
  return () => {
    const next = waiting.shift();
    if (next === undefined) room++;
    else next();
  };
}

/** The last start; systemd-nspawn may fail when many start at once. */
let last: Promise<unknown> = Promise.resolve();

function startOneByOne(): Promise<Machine> {
  const started = last.then(() => startMachine());
  last = started.catch(() => {});
  return started;
}
