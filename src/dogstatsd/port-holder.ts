import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { udpSockets } from "./udp-sockets.ts";

/**
 * Describes who holds a UDP port: `dogstatsd (pid 812)`, or, of another user's process, whose descriptors only root sees,
 * `a process of user id 101`. Never throws.
 */
export function portHolder(port: number, proc = "/proc"): string {
  const [socket] = ["udp", "udp6"].flatMap((table) => udpSockets(textOf(`${proc}/net/${table}`), port));
  if (socket === undefined) return "another process";
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name)))
    for (const descriptor of namesIn(`${proc}/${pid}/fd`))
      if (targetOf(`${proc}/${pid}/fd/${descriptor}`) === `socket:[${socket.inode}]`)
        return `${textOf(`${proc}/${pid}/comm`).trim()} (pid ${pid})`;
  return `a process of user id ${socket.uid}`;
}

/** Reads a text; "" when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
