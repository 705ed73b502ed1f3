import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { kill, pid } from "node:process";
import { printable } from "../terminal/printable.ts";

/** What tells one process from every other one, now and later, on this machine and elsewhere. Empty text: unknown. */
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

/**
 * True only when the process is provably not alive any more: the same boot and pid namespace, but no such process, a
 * zombie, or another one with its pid. `local`: the lease lies on a disk of this machine, so that a different boot id
 * means an earlier boot; with a remote storage it may be another machine. Never throws.
 */
export function ownerIsGone(owner: string, local: boolean, proc = "/proc"): boolean {
  const other = parseOwner(owner);
  const boot = bootOf(proc);
  if (other === undefined || other.boot === "" || boot === "") return false;
  if (other.boot !== boot) return local;
  if (other.namespace === "" || other.namespace !== namespaceOf(proc)) return false;
  // Not by looking into /proc: mounted with hidepid it does not show the processes of other users.
  if (!exists(other.pid)) return true;
  const found = startOf(String(other.pid), proc);
  if (found === undefined || other.start === "") return false;
  const isOther = Math.abs(Number(found.start) - Number(other.start)) > EMULATED_TICKS;
  return isOther || found.state === "Z" || found.state === "X";
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
