import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");
const built = new Map<string, Promise<string>>();

/** Returns the path of the executable for a target of build.ts, and builds it first when it is missing or older than its source. */
export function executable(target = `${process.platform}-${process.arch}`): Promise<string> {
  const path = join(ROOT, `dist/chouette-${target}`);
  const ready = built.get(target) ?? (isFresh(path) ? Promise.resolve(path) : build(target, path));
  built.set(target, ready);
  return ready;
}

function isFresh(path: string): boolean {
  const sources = ["src", "scripts/build"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const time = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = ["build.ts", "package.json", "package-lock.json", ...sources];
  return files.every((name) => time(join(ROOT, name)) < time(path));
}

async function build(target: string, path: string): Promise<string> {
  const builder = spawn(process.execPath, ["run", "build.ts", "--target", target], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((done) => builder.once("close", done));
  if (code !== 0) throw new Error(`bun run build.ts --target ${target} failed`);
  return path;
}
