import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { Conduct } from "./fake-agent.ts";

const ROOT = resolve(import.meta.dir, "../..");
const TARGET = `linux-${process.arch}`;

/** Folders as scripts/release/pack.sh makes them, all signed with one key, in little time: their executables are not compressed. */
export type Releases = {
  /** Holds a folder per release, by its version. */
  path: string;
  /** Of the private key, for pack.sh. */
  keyFile: string;
  /** install.sh with the key and an address. */
  installer(address: string): string;
  /** Makes a release, one without an executable too; `changes` are contents of files by their names, put in after signing where the name begins with `!`. */
  add(version: string, executable: string | Uint8Array | undefined, changes?: Record<string, string>): string;
  /** The same with a fake agent. */
  addFake(version: string, conduct?: Conduct): Promise<string>;
  [Symbol.dispose](): void;
};

export function makeReleases(): Releases {
  const path = mkdtempSync(join(tmpdir(), "chouette-releases-"));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyFile = join(path, "key.pem");
  writeFileSync(keyFile, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const body = publicKey.export({ type: "spki", format: "der" }).toString("base64");

  const add: Releases["add"] = (version, executable, changes = {}) => {
    const folder = mkdtempSync(join(path, `${version}-`));
    const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
    if (executable !== undefined) put(`chouette-${TARGET}.gz`, gzipSync(executable, { level: 0 }));
    for (const name of ["chouette.service", "chouette.env"])
      put(name, readFileSync(join(ROOT, "systemd", name)));
    put("VERSION", `${version}\n`);
    for (const [name, content] of Object.entries(changes)) if (!name.startsWith("!")) put(name, content);
    const sums = readdirSync(folder)
      .sort()
      .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
      .join("");
    put("SHA256SUMS", sums);
    put("SHA256SUMS.sig", sign("sha256", Buffer.from(sums), privateKey));
    for (const [name, content] of Object.entries(changes))
      if (name.startsWith("!")) put(name.slice(1), content);
    return folder;
  };

  return {
    path,
    keyFile,
    installer: (address) =>
      readFileSync(join(ROOT, "install.sh"), "utf8")
        .replace("\nPUBLIC_KEY=''\n", `\nPUBLIC_KEY='${body}'\n`)
        .replace("\nRELEASES=''\n", `\nRELEASES='${address}'\n`),
    add,
    addFake: async (version, conduct = "works") => {
      const outfile = join(path, `fake-${version}`);
      await Bun.build({
        entrypoints: [join(import.meta.dir, "fake-agent.ts")],
        compile: {
          target: `bun-${TARGET}` as "bun-linux-x64",
          outfile,
          autoloadDotenv: false,
          autoloadBunfig: false,
        },
        define: { FAKE_VERSION: JSON.stringify(version), FAKE_CONDUCT: JSON.stringify(conduct) },
      });
      return add(version, readFileSync(outfile));
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
