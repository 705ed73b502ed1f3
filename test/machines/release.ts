import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { executable } from "../../scripts/build/executable.ts";
import { run } from "../../scripts/machines/debian-root.ts";
import { startReleaseServer } from "../install/release-server.ts";

const ROOT = resolve(import.meta.dir, "../..");
const TARGETS = ["linux-x64", "linux-arm64", "linux-armv7"];
const SCRIPTS = join(ROOT, "scripts/release");

export type PublishedRelease = {
  /** What a person on an emulated board types, up to the variables: `curl … | ` follows them with `sh`. */
  download: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The three executables packed and signed as they are published, on a server that an emulated board finds at 10.0.2.2. */
export async function publishRelease(): Promise<PublishedRelease> {
  await build();
  const folder = await mkdtemp(join(tmpdir(), "chouette-release-"));
  const server = await startReleaseServer();
  const address = `http://10.0.2.2:${new URL(server.url).port}`;
  const [key, packed] = [join(folder, "key.pem"), join(folder, "packed")];
  await run([join(SCRIPTS, "new-key.sh"), key]);
  const variables = [`CHOUETTE_SIGNING_KEY=${key}`, `CHOUETTE_RELEASES_URL=${address}`];
  await run(["env", ...variables, join(SCRIPTS, "pack.sh"), packed]);
  server.latest = (await readFile(join(packed, "VERSION"), "utf8")).trim();
  server.folders.set(server.latest, packed);
  return {
    download: `curl -fsSL ${address}/latest/download/install.sh`,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Skipped when all of it exists and is newer than its sources: other tests may be using it. */
async function build(): Promise<void> {
  for (const target of TARGETS) await executable(target);
  const [sbom, notices, page] = ["sbom.cdx.json", "THIRD-PARTY-NOTICES.txt", "chouette.1"].map((name) =>
    join(ROOT, "dist", name),
  );
  // One build of all targets describes them all; that of a single one describes itself alone.
  const isDescribed = (target: string) => readFileSync(notices ?? "", "utf8").includes(`chouette-${target}`);
  if (![sbom, page].every((file) => existsSync(file ?? "")) || !TARGETS.every(isDescribed))
    await run([process.execPath, "run", join(ROOT, "build.ts"), "--target", "all"]);
}
