import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import lock from "../../package-lock.json";
import { inTemporaryFolder } from "./in-temporary-folder.ts";
import { run } from "./run.ts";

/** A package in package-lock.json: its version, and `sha512-…` (base64) of its tarball. */
export type Locked = { name: string; version: string; integrity: string };

/** Throws when the package is not in package-lock.json with both. */
export function lockedPackage(name: string): Locked {
  const packages: Record<string, { version?: string; integrity?: string }> = lock.packages;
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new Error(`package-lock.json has no version and integrity of ${name}: npm install writes them`);
  return { name, version, integrity };
}

/**
 * A file of a package that npm does not install on this machine. npm fetches the tarball, so that its configuration counts (a
 * mirror, a proxy); it is kept in `$XDG_CACHE_HOME/chouette` and compared with the lock file each time it is used.
 * Throws when it cannot be had or is not the one of the lock file.
 */
export async function fileOfPackage(
  locked: Locked,
  file: string,
  cache = defaultCache(),
): Promise<Uint8Array> {
  const spec = `${locked.name}@${locked.version}`;
  const tarball = join(cache, `${spec.replace("/", "-")}.tgz`);
  if (!existsSync(tarball)) await fetchTarball(spec, tarball);
  const bytes = readFileSync(tarball);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (integrity !== locked.integrity)
    throw new Error(
      `${tarball} is not ${spec} of package-lock.json: its integrity is ${integrity} instead of ${locked.integrity}. ` +
        "Remove it, and it is fetched again; when that does not help, the registry has another.",
    );
  const found = (await new Bun.Archive(bytes).files(`package/${file}`)).get(`package/${file}`);
  if (found === undefined) throw new Error(`${spec} has no file ${file}`);
  return found.bytes();
}

function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chouette");
}

function fetchTarball(spec: string, tarball: string): Promise<void> {
  console.error(`fetching ${spec}`);
  return inTemporaryFolder(async (folder) => {
    await run(["npm", "pack", spec, "--silent", "--pack-destination", folder]);
    // How it names the file is npm's affair.
    const [name = ""] = readdirSync(folder);
    mkdirSync(dirname(tarball), { recursive: true });
    // The temporary folder may be on another disk; a build that is interrupted leaves no half of a tarball.
    const partial = `${tarball}.${process.pid}`;
    copyFileSync(join(folder, name), partial);
    renameSync(partial, tarball);
  });
}
