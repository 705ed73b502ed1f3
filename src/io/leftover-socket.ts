import { lstatSync, unlinkSync } from "node:fs";
import { connect } from "node:net";

/**
 * Removes the unix socket that a process which is gone left at the path. Resolves to what is there now: nothing (`free`), a socket
 * at which a process listens (`taken`), or something that is not a socket (`file`).
 */
export async function removeLeftover(path: string): Promise<"free" | "taken" | "file"> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "free";
  if (!found.isSocket()) return "file";
  if (await answers(path)) return "taken";
  unlinkSync(path);
  return "free";
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
