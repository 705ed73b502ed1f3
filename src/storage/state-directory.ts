import { existsSync, lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { geteuid } from "node:process";
import { StorageError } from "../errors.ts";

/** The user and group that own a directory. */
export type Owner = { uid: number; gid: number };

/** Files beside the database: SQLite's journals, and the lock of the WebAssembly build. */
const SUFFIXES = ["", "-wal", "-shm", "-journal", "-lock"];

/** The user to whom the kernel gives what belongs to no user of this container (/proc/sys/kernel/overflowuid). */
const NOBODY = 65_534;

/**
 * Returns the owner of the directory, or of the directory in which it will be made, when that is not root: a link that this
 * user puts there would make root write wherever it leads. A directory of root's below one of another user's is that user's, too.
 */
export function foreignOwner(directory: string): Owner | undefined {
  const path = existing(resolve(directory));
  const own = ownerOf(path);
  if (own.uid !== 0) return own;
  return [path, realpathSync(path)]
    .flatMap(ancestors)
    .map(ownerOf)
    .find(({ uid }) => uid !== 0 && uid !== NOBODY);
}

/**
 * Throws StorageError when one of the database's files is a symbolic link, or when root would work in a directory of another user
 * (see `foreignOwner`).
 */
export function checkStateDirectory(path: string): void {
  for (const file of SUFFIXES.map((suffix) => path + suffix))
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new StorageError(
        `${file} is a symbolic link, and Chouette follows none in its state directory. Look where it leads: ls -l ${file}; then remove it: sudo rm ${file}`,
      );
  const directory = dirname(path);
  const owner = geteuid?.() === 0 ? foreignOwner(directory) : undefined;
  if (owner !== undefined)
    throw new StorageError(
      `The state directory ${directory} belongs to user ${owner.uid}, and root does not work in another user's directory. Start Chouette as that user (sudo -u '#${owner.uid}' chouette …, in a container user: "${owner.uid}:${owner.gid}"), or type: sudo chown -R root: ${directory}`,
    );
}

/** The path itself, or its nearest ancestor that exists. */
function existing(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? existing(dirname(path)) : path;
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

function ownerOf(path: string): Owner {
  const { uid, gid } = lstatSync(path);
  return { uid, gid };
}

/** Makes missing directories. Not `recursive`: on a file system without mkdir, such as /proc, Node 20 would try forever. */
export function makeDirectory(path: string): void {
  if (!existsSync(path) && !existsSync(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // EEXIST also means that a file is in its place.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
