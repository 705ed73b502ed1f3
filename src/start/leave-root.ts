import type { Config } from "../config/config.ts";
import { inWords } from "../io/system-errors.ts";
import { foreignOwner } from "../storage/state-directory.ts";
import type { World } from "./world.ts";

/**
 * Makes root the owner of the state directory where that is another user's, before anything is opened there, and notes it.
 * `flush` and `inspect-queue` need nothing else of root. Throws an Error with what to type where it is not possible.
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
