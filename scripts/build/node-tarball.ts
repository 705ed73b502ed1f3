import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The Node.js that releases have for 32-bit ARM: of a line with security updates (22 until April 2027), which the package registry
 * does not have. The checksum is that of https://nodejs.org/dist/v22.23.2/SHASUMS256.txt. Another version: change both.
 */
export const NODE_TARBALL = {
  version: "22.23.2",
  sha256: "2a2f59eb8fd9dec27b3bee17c729131d1fd3e6d9943d479f1156ce38af8cd599",
} as const;

export type NodeTarball = { executable: Uint8Array; license: string; url: string };

/**
 * `bin/node` and LICENSE of the pinned tarball. It is fetched from nodejs.org unless `cache` has it, and compared with the pinned
 * checksum each time. Throws when it cannot be had or is another one.
 */
export async function nodeTarball(
  { version, sha256 }: { version: string; sha256: string } = NODE_TARBALL,
  cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chouette"),
): Promise<NodeTarball> {
  const folder = `node-v${version}-linux-armv7l`;
  const url = `https://nodejs.org/dist/v${version}/${folder}.tar.gz`;
  const path = join(cache, `${folder}.tar.gz`);
  if (!existsSync(path)) await download(url, path, cache);
  const bytes = readFileSync(path);
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== sha256)
    throw new Error(
      `${path} is not the pinned ${url}: its SHA-256 is ${actual} instead of ${sha256}. Remove it, and it is fetched again`,
    );
  const files = await new Bun.Archive(bytes).files();
  const [node, license] = [files.get(`${folder}/bin/node`), files.get(`${folder}/LICENSE`)];
  if (node === undefined || license === undefined) throw new Error(`${path} has no bin/node or no LICENSE`);
  return { executable: await node.bytes(), license: await license.text(), url };
}

async function download(url: string, path: string, cache: string): Promise<void> {
  console.error(`fetching ${url}`);
  const response = await fetch(url).catch((error: Error) => {
    throw new Error(`${url} cannot be fetched: ${error.message}`);
  });
  if (!response.ok) throw new Error(`${url} cannot be fetched: HTTP ${response.status}`);
  mkdirSync(cache, { recursive: true });
  // A build that is interrupted leaves no half of a tarball.
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, await response.bytes());
  renameSync(partial, path);
}
