import { readFileSync } from "node:fs";

/**
 * True as soon as the process is not in /proc any more, or is dead and only waits for its parent to look; false when it still runs
 * after ten seconds. The kernel takes a moment for a signal, and nobody waits for a grandchild.
 */
export async function isGone(pid: number): Promise<boolean> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    if (/^[ZX-]/.test(stateOf(pid))) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

/**
 * Returns the state and what follows it, "-" without such a process: in proc(5) they are behind the name, which is in
 * parentheses: `4711 (sleep) S 1 …`.
 */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(") ") + 2);
  } catch {
    return "-";
  }
}
