/** `bun run build.ts [--target linux-x64]`: one self-contained executable, dist/chouette-<target>. */
import { parseArgs } from "node:util";
import { version } from "./package.json";

const TARGETS = { "linux-x64": "bun-linux-x64", "linux-arm64": "bun-linux-arm64" } as const;

const here = `${process.platform}-${process.arch}`;
const { values } = parseArgs({ options: { target: { type: "string", default: here } } });
if (!isTarget(values.target)) {
  console.error(`there is no build for ${values.target}; there are ${Object.keys(TARGETS).join(", ")}`);
  process.exit(2);
}

const outfile = `dist/chouette-${values.target}`;
await Bun.build({
  entrypoints: ["src/main.ts"],
  // Bun's compiled programs read .env and bunfig.toml of the directory they are started in, and even run its preloads.
  compile: { target: TARGETS[values.target], outfile, autoloadDotenv: false, autoloadBunfig: false },
  bytecode: true,
  minify: true,
  define: { CHOUETTE_VERSION: JSON.stringify(version) },
});
console.log(`${outfile}  ${(Bun.file(outfile).size / 1e6).toFixed(1)} MB`);

function isTarget(name: string): name is keyof typeof TARGETS {
  return Object.hasOwn(TARGETS, name);
}
