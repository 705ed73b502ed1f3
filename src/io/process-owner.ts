import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { kill, pid } from "node:process";
import { printable } from "../terminal/printable.ts";

/** Identifies a process uniquely, now and later, on this machine and elsewhere. Empty text: unknown. */
type Owner = {
  pid: number;
  /** Clock ticks from boot to the start of the process: a reused pid has another one. */
  start: string;
  /** `pid:[4026531836]`: pids of another namespace (a container) say nothing here. */
  namespace: string;
  /** A random UUID per boot, the same in every container of the machine. */
  boot: string;
  host: string;
};

/**
 * qemu-user tells a process its start a tick or two later than the kernel tells others. No pid is used again within so few:
 * a tick is 10 ms.
 */
const EMULATED_TICKS = 10;

/**
 * A text that names this process, for a lease: `812/120345/pid:[4026531836]/5c7f…-…/pi4` (pid, start, pid namespace,
 * boot, host). Parts that `/proc` does not tell are empty. Never throws.
 */
export function processOwner(proc = "/proc"): string {
  return [pid, startOf("self", proc)?.start ?? "", namespaceOf(proc), bootOf(proc), hostname()].join("/");
}

/** The state of an owner's process. */
export type Fate = "alive" | "gone" | "unknown";

/**
 * Returns what is known of a process that has written its owner's text. Never throws.
 *
 * Alive: the same pid namespace has that pid with that start, neither a zombie nor stopped. This needs no boot id, which the
 * sandbox of a unit (ProtectKernelTunables) shows otherwise than it is seen outside where a system container hides the real one.
 *
 * Gone: the same pid namespace and boot, but no such process, a zombie, or another one with its pid. `local`: the lease lies on
 * a disk of this machine, so that a different boot id means an earlier boot; with a remote storage it may be another machine.
 */
export function fateOf(owner: string, local: boolean, proc = "/proc"): Fate {
  const other = parseOwner(owner);
  if (other === undefined) return "unknown";
  const boot = bootOf(proc);
  const isNear = other.namespace !== "" && other.namespace === namespaceOf(proc);
  const isSameBoot = other.boot === boot;
  const process = isNear ? lookFor(other, proc) : "unknown";
  // Another machine may have such a process, too, and so may an earlier boot: this process itself would say its own.
  const isOurs = isSameBoot || (other.host === hostname() && other.pid !== pid);
  if (process === "alive" && isOurs) return "alive";
  if (other.boot === "" || boot === "") return "unknown";
  if (!isSameBoot) return local ? "gone" : "unknown";
  return process;
}

function lookFor({ pid: id, start }: Owner, proc: string): Fate {
  // Not by looking into /proc: mounted with hidepid it does not show the processes of other users.
  if (!exists(id)) return "gone";
  const found = startOf(String(id), proc);
  if (found === undefined || start === "") return "unknown";
  const isOther = Math.abs(Number(found.start) - Number(start)) > EMULATED_TICKS;
  if (isOther || found.state === "Z" || found.state === "X") return "gone";
  return found.state === "T" ? "unknown" : "alive";
}

/** Returns an owner for people: `pid 812 on host pi4`; a text of another origin as it is, as far as it may be shown. */
export function describeOwner(owner: string): string {
  const parsed = parseOwner(owner);
  return printable(parsed === undefined ? owner : `pid ${parsed.pid} on host ${parsed.host}`);
}

function parseOwner(text: string): Owner | undefined {
  const match = /^(\d+)\/(\d*)\/([^/]*)\/([^/]*)\/(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, id, start = "", namespace = "", boot = "", host = ""] = match;
  return { pid: Number(id), start, namespace, boot, host };
}

function exists(id: number): boolean {
  try {
    return kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/**
 * State and start time out of `/proc/<pid>/stat` (proc_pid_stat(5), fields 3 and 22):
 * `812 (chouette (x)) S 1 812 812 0 -1 4194560 … 120345 …`. The name in parentheses may hold blanks and parentheses.
 */
function startOf(id: string, proc: string): { state: string; start: string } | undefined {
  const text = read(() => readFileSync(`${proc}/${id}/stat`, "utf8"));
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

function namespaceOf(proc: string): string {
  return read(() => readlinkSync(`${proc}/self/ns/pid`));
}

function bootOf(proc: string): string {
  return read(() => readFileSync(`${proc}/sys/kernel/random/boot_id`, "utf8")).trim();
}

function read(source: () => string): string {
  try {
    return source();
  } catch {
    return "";
  }
}
