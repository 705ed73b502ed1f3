import { existsSync, readFileSync } from "node:fs";
import { getuid } from "node:process";
import type { Place } from "../plugins/plugin.ts";
import { findAccount } from "./passwd.ts";

/** Made by Docker, by Podman, and in the pods of Kubernetes. System containers (LXC, nspawn) are machines with a service. */
const SIGNS = ["/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io"];

/**
 * Returns where this process runs, and as whom, so that advice fits. Not by userInfo(), which in Bun names $USER: after sudo and a
 * switch to the service's user that is still root. Never throws.
 */
export function thisPlace(uid = getuid?.(), passwd = readPasswd()): Place {
  const container = SIGNS.some((path) => existsSync(path));
  // Undefined for a user without a line in /etc/passwd, as in many containers.
  return { container, user: findAccount(passwd, `${uid}`)?.name, uid };
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
