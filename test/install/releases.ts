import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { writeShellFiles } from "../../scripts/build/shell/write.ts";
import type { Conduct } from "./fake-agent.ts";

const ROOT = resolve(import.meta.dir, "../..");
const TARGET = `linux-${process.arch}`;

/** Folders as scripts/release/pack.sh makes them, in little time: their executables are not compressed. */
export type Releases = {
  /** Holds a folder per release, by its version. */
  path: string;
  /** Of the private key, for pack.sh. */
  keyFile: string;
  /** install.sh with the key of now and an address. */
  installer(address?: string): string;
  /** Releases from here on have another key, which the key before it has signed (in KEYS), or not. */
  changeKey(how: "signed by the old key" | "unknown to the old key"): void;
  /** Makes a release, one without an executable too; `changes` are contents of files by their names, put in after signing where the name begins with `!`. */
  add(version: string, executable: string | Uint8Array | undefined, changes?: Record<string, string>): string;
  /** The same with a fake agent. */
  addFake(version: string, conduct?: Conduct): Promise<string>;
  [Symbol.dispose](): void;
};

/** The address is that of the releases, in the install.sh of each of them. */
export function makeReleases(address = "http://127.0.0.1:1"): Releases {
  const path = mkdtempSync(join(tmpdir(), "chouette-releases-"));
  let { privateKey, body } = newKey();
  let keys = "";
  const keyFile = join(path, "key.pem");
  writeFileSync(keyFile, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const installer = (to = address) =>
    readFileSync(join(ROOT, "install.sh"), "utf8")
      .replace("\nPUBLIC_KEY=''\n", `\nPUBLIC_KEY='${body}'\n`)
      .replace("\nRELEASES=''\n", `\nRELEASES='${to}'\n`);

  const add: Releases["add"] = (version, executable, changes = {}) => {
    const folder = mkdtempSync(join(path, `${version}-`));
    const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
    if (executable !== undefined) put(`chouette-${TARGET}.gz`, gzipSync(executable, { level: 0 }));
    for (const name of ["chouette.service", "chouette-dogstatsd.socket", "chouette.env"])
      put(name, readFileSync(join(ROOT, "systemd", name)));
    writeShellFiles(folder, version);
    put("THIRD-PARTY-NOTICES.txt", "Bun, JavaScriptCore\n");
    put("VERSION", `${version}\n`);
    put("install.sh", installer());
    if (keys !== "") put("KEYS", keys);
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
    installer,
    changeKey: (how) => {
      const old = privateKey;
      ({ privateKey, body } = newKey());
      const signature = sign("sha256", Buffer.from(`chouette release key ${body}\n`), old).toString("base64");
      if (how === "signed by the old key") keys += `${body} ${signature}\n`;
    },
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

/** A private key, and the base64 body of its public half. */
function newKey(): { privateKey: KeyObject; body: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, body: publicKey.export({ type: "spki", format: "der" }).toString("base64") };
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
