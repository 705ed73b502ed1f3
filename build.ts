/**
 * `bun run build.ts [--target linux-x64|linux-arm64|linux-armv7|all] [--armv7-runtime NODE]`: self-contained executables,
 * dist/chouette-<target>, byte for byte the same wherever they are built, and dist/THIRD-PARTY-NOTICES.txt of them,
 * completions and the man page; without a target the executable of this machine. `all` writes dist/sbom.cdx.json too. NODE is "nodejs.org", for the version that
 * scripts/build/node-tarball.ts pins, or the path of bin/node; without it the one of the lock file.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import lock from "./package-lock.json";
import { compileWithBun } from "./scripts/build/compile-with-bun.ts";
import { describeSizes } from "./scripts/build/describe-sizes.ts";
import { embedInNode } from "./scripts/build/embed-in-node.ts";
import { thirdPartyNotices } from "./scripts/build/notices.ts";
import { type Contents, sbom } from "./scripts/build/sbom.ts";
import { writeShellFiles } from "./scripts/build/shell/write.ts";

const TARGETS = ["linux-x64", "linux-arm64", "linux-armv7"] as const;
const HERE = `${process.platform}-${process.arch}`;

try {
  await build();
} catch (error) {
  console.error(`build.ts: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function build(): Promise<void> {
  const { values } = parseArgs({
    options: { target: { type: "string", default: HERE }, "armv7-runtime": { type: "string" } },
  });
  const targets = TARGETS.filter((target) => values.target === target || values.target === "all");
  if (targets.length === 0)
    throw new Error(`there is no build for ${values.target}; --target takes ${TARGETS.join(", ")} and all`);
  const { version } = lock.packages["node_modules/bun"];
  if (Bun.version !== version)
    throw new Error(`this is Bun ${Bun.version}, ${version} is needed: node_modules/.bin/bun run build.ts`);
  const given = values["armv7-runtime"];
  const node = given === undefined || given === "nodejs.org" ? given : resolve(given);
  // The bundler remembers the names of files as they are seen from the working directory.
  process.chdir(import.meta.dir);
  mkdirSync("dist", { recursive: true });

  const built: Contents[] = [];
  for (const target of targets) built.push({ target, ...(await buildTarget(target, node)) });
  await Bun.write("dist/THIRD-PARTY-NOTICES.txt", thirdPartyNotices(lock, built));
  writeShellFiles("dist", lock.version);
  if (values.target === "all") await Bun.write("dist/sbom.cdx.json", sbom(lock, built));
  console.log(await describeSizes(targets.map(executable)));
}

function buildTarget(target: (typeof TARGETS)[number], node?: string): Promise<Omit<Contents, "target">> {
  if (target === "linux-armv7") return embedInNode(executable(target), node);
  return compileWithBun(target === "linux-x64" ? "x64" : "arm64", executable(target));
}

function executable(target: string): string {
  return `dist/chouette-${target}`;
}
