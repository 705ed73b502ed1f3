import { spawn } from "node:child_process";
import { kill, pid } from "node:process";
import type { Env } from "../config/variable.ts";
import { inWords } from "./system-errors.ts";

/** The service manager that started this process and accepts messages from it (sd_notify(3)). */
export type ServiceManager = {
  /**
   * Sends `READY=1`, `STATUS=…` and the like in one message. One at a time; each takes at most five seconds, and a failure is
   * reported once. Never rejects.
   */
  notify(assignments: readonly string[]): Promise<void>;
  /** Seconds after which it kills a process that did not send `WATCHDOG=1`; undefined: there is no watchdog. */
  watchdog: number | undefined;
};

/** The PATH of the program, and the time it may take. */
const USUAL = { path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", limitMs: 5000 };

/**
 * Neither runtime has unix datagram sockets, so systemd-notify sends the messages as a child process. systemd identifies the sender
 * when it reads the message. Before version 246 systemd-notify does not wait for that, and the message of a process that is gone is
 * dropped; but a zombie is still in its control group. Its parent becomes `sleep`, which does not reap it.
 */
const SCRIPT = 'command -v systemd-notify >/dev/null || exit 127; systemd-notify "$@" & exec sleep 0.5';

/** Finds the service manager; undefined when NOTIFY_SOCKET is not set. Calls `complain` once with why messages cannot be sent. */
export function serviceManager(
  env: Env,
  complain: (why: string) => void,
  { path, limitMs } = USUAL,
): ServiceManager | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC = "", WATCHDOG_PID = String(pid) } = env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return undefined;
  const childEnv = { PATH: path, LC_ALL: "C", NOTIFY_SOCKET };
  const isOurs = /^[1-9]\d{0,15}$/.test(WATCHDOG_USEC) && WATCHDOG_PID === String(pid);
  let before = Promise.resolve();
  let complained = false;

  return {
    notify(assignments) {
      before = before.then(async () => {
        const failure = await send(assignments, childEnv, limitMs).catch(inWords);
        if (failure !== undefined && !complained) complain(failure);
        complained ||= failure !== undefined;
      });
      return before;
    },
    watchdog: isOurs ? Number(WATCHDOG_USEC) / 1e6 : undefined,
  };
}

/** Resolves to why it failed, or undefined. */
function send(
  assignments: readonly string[],
  env: Record<string, string>,
  limitMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", SCRIPT, "sh", ...assignments], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
      env,
    });
    let said = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup(child.pid);
    }, limitMs);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, 1000);
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve(`cannot start /bin/sh: ${error.message}`);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      if (late) resolve(`systemd-notify did not end within ${limitMs / 1000} s`);
      else if (code === 127) resolve("systemd-notify is not there: sudo apt-get install systemd");
      else resolve(said === "" ? undefined : said.trim());
    });
  });
}

function endGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    kill(-group, "SIGKILL");
  } catch {
    // ESRCH: all of it is gone already.
  }
}
