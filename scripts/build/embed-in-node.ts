import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleForNode } from "./bundle-for-node.ts";
import { inTemporaryFolder } from "./in-temporary-folder.ts";
import { noIoUring } from "./no-io-uring.ts";
import type { SeaLayout } from "./node-executable.ts";
import { nodeForArmv7 } from "./node-for-armv7.ts";
import { ownEnvFile } from "./own-env-file.ts";
import { run } from "./run.ts";
import type { Contents } from "./sbom.ts";
import { seaBlob } from "./sea-blob.ts";
import { stripElf32 } from "./strip-elf32.ts";

/** The text in Node's executable that marks an embedded program: postject appends :1 to it. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Writes an executable for 32-bit ARM, which Bun does not have: Node's (the one at `node`, else the one of the lock file) with
 * the program in it (https://nodejs.org/api/single-executable-applications.html). Gives what is in it.
 */
export async function embedInNode(outfile: string, node?: string): Promise<Omit<Contents, "target">> {
  const { executable, layout, runtime } = await nodeForArmv7(node);
  const { program, packages } = await bundleForNode();
  await putIntoNode(stripElf32(executable), layout, program, outfile);
  return { runtime, packages };
}

/** Writes Node's executable with the program in it. */
export async function putIntoNode(
  executable: Uint8Array,
  layout: SeaLayout,
  program: string,
  outfile: string,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const [whole, blob] = [join(folder, "chouette"), join(folder, "blob")];
    writeFileSync(whole, noIoUring(ownEnvFile(executable)));
    // Unless the name is a URL, Node cannot import custom plugins and wrappers.
    writeFileSync(blob, seaBlob("file:///chouette.js", program, layout));
    const postject = [process.execPath, "node_modules/postject/dist/cli.js"];
    await run([...postject, whole, "NODE_SEA_BLOB", blob, "--sentinel-fuse", FUSE]);
    chmodSync(whole, 0o755);
    copyFileSync(whole, outfile);
  });
}
