import type { Config } from "../config/config.ts";
import { inWords } from "../io/system-errors.ts";
import { foreignOwner } from "../storage/state-directory.ts";
import type { World } from "./world.ts";

/**
 * Switches from root to the owner of the state directory, if that is another user, before anything is opened there, and notes it.
 * `flush` and `inspect-queue` need no other right of root. Throws an Error with the command to type when that is not possible.
 */
export function leaveRoot({ storage }: Config, { machine, note }: Pick<World, "machine" | "note">): void {
  if (machine.uid !== 0 || storage.type !== "sqlite") return;
  const owner = foreignOwner(storage.directory);
  if (owner === undefined) return;
  const { uid, gid } = owner;
  try {
    machine.become({ uid, gid, groups: [gid] });
  } catch (error) {
    throw new Error(
      `root cannot become user ${uid}, to whom ${storage.directory} belongs: ${inWords(error)}. Type: sudo -u '#${uid}' chouette`,
    );
  }
  note(`working as user ${uid}, to whom ${storage.directory} belongs\n`);
}
