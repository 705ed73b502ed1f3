import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { executable } from "../../scripts/build/executable.ts";
import { debianRoot } from "../../scripts/machines/debian-root.ts";
import { blocksIn } from "../helpers/readmes.ts";
import type { NetworkedDocker } from "./networked-docker.ts";

export const DEPLOY = join(import.meta.dir, "../../scripts/deploy");

/** The images `redis:7` and `chouette`, the latter built as its Dockerfile says. No registry is needed. */
export async function makeImages(engine: NetworkedDocker): Promise<void> {
  await importImage(engine, "debian:bookworm-slim", await debianRoot());
  await importImage(engine, "redis:7", redisRoot(join(engine.folder, "redis")), [
    "VOLUME /data",
    "WORKDIR /data",
    'CMD ["redis-server"]',
  ]);
  // As in a release folder.
  const release = join(engine.folder, "release");
  mkdirSync(release);
  const packed = gzipSync(readFileSync(await executable()), { level: 1 });
  writeFileSync(join(release, `chouette-linux-${process.arch}.gz`), packed);
  writeFileSync(join(release, "THIRD-PARTY-NOTICES.txt"), "Bun, JavaScriptCore\n");
  const block = blocksIn("scripts/deploy/README.md", ["sh"]).find(({ text }) =>
    text.includes("docker build"),
  )?.text;
  const build = (block ?? "").replace("scripts/deploy", DEPLOY).replace("FOLDER", release);
  await engine.run("sh", ["-ec", build]);
}

async function importImage(
  engine: NetworkedDocker,
  name: string,
  root: string,
  settings: readonly string[] = [],
): Promise<void> {
  const archive = join(engine.folder, "image.tar");
  const left = ["proc", "sys", "usr/share", "var/cache", "var/lib/apt"].map(
    (path) => `--exclude=./${path}/*`,
  );
  execFileSync("tar", ["-cf", archive, ...left, "-C", root, "."]);
  await engine.docker("import", ...settings.flatMap((line) => ["--change", line]), archive, name);
}

/** The machine's own Redis; like that of Redis' image it answers its neighbors. */
function redisRoot(root: string): string {
  const programs = ["/usr/bin/redis-server", "/usr/bin/redis-cli"];
  const linked = execFileSync("ldd", programs).toString();
  const libraries = [...linked.matchAll(/\/\S+(?= \()/g)].map(([path]) => path);
  for (const path of ["/bin/busybox", ...programs, ...new Set(libraries)])
    execFileSync("install", ["-D", path, join(root, path)]);
  const script = '#!/bin/busybox sh\nexec /usr/bin/redis-server "$@" --protected-mode no\n';
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  writeFileSync(join(root, "usr/local/bin/redis-server"), script, { mode: 0o755 });
  return root;
}
