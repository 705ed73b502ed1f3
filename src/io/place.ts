import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import type { Place } from "../plugins/plugin.ts";

/** Made by Docker, by Podman, and in the pods of Kubernetes. System containers (LXC, nspawn) are machines with a service. */
const SIGNS = ["/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io"];

/** Returns where this process runs, and as whom, so that advice fits. Never throws. */
export function thisPlace(): Place {
  const container = SIGNS.some((path) => existsSync(path));
  try {
    const { username, uid } = userInfo();
    return { container, user: username, uid };
  } catch {
    // A user without a line in /etc/passwd, as in many containers.
    return { container, user: undefined, uid: undefined };
  }
}
