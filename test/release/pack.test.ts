import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DASHBOARDS, type Ended, executableOf, makeTree, type Tree } from "./tree.ts";

setDefaultTimeout(30_000);

let tree: Tree;
let publicKey: string;
beforeEach(async () => {
  tree = await makeTree();
  publicKey = (await tree.run("scripts/release/new-key.sh", ["key.pem"])).said;
});
afterEach(() => tree[Symbol.asyncDispose]());

const RELEASES = "https://example.com/chouette/releases";

function pack(args: readonly string[] = ["out"], env: Record<string, string> = {}): Promise<Ended> {
  const given = { CHOUETTE_SIGNING_KEY: "key.pem", CHOUETTE_RELEASES_URL: RELEASES, ...env };
  return tree.run("scripts/release/pack.sh", args, given);
}

const read = (name: string) => readFileSync(join(tree.path, name), "utf8");
const mode = (name: string) => (statSync(join(tree.path, name)).mode & 0o777).toString(8);

const FLAT = `
  Dockerfile NOTES.md SHA256SUMS SHA256SUMS.sig THIRD-PARTY-NOTICES.txt VERSION chouette-dogstatsd.socket
  chouette-linux-arm64.gz chouette-linux-armv7.gz chouette-linux-x64.gz chouette.1 chouette.bash
  chouette.env chouette.fish chouette.service chouette.zsh chouette_1.2.3_amd64.deb
  chouette_1.2.3_arm64.deb chouette_1.2.3_armhf.deb dashboards.tar.gz docker-compose.yml install.sh kubernetes.yaml
  sbom.cdx.json
`
  .trim()
  .split(/\s+/);

describe("pack.sh", () => {
  test("writes a folder with everything that is published", async () => {
    expect(await pack()).toEqual({ code: 0, said: "" });
    expect(readdirSync(join(tree.path, "out")).sort()).toEqual(FLAT);
    expect(read("out/VERSION")).toBe("1.2.3\n");
    const packed = await Bun.$`tar -tf ${join(tree.path, "out/dashboards.tar.gz")}`.text();
    expect(packed.trim().split("\n").sort()).toEqual(DASHBOARDS.map((name) => `dashboards/${name}`));
    expect(read("out/NOTES.md")).toBe("Better.\n\n- host: faster\n");
    for (const name of ["chouette.service", "chouette.env"])
      expect(read(`out/${name}`)).toBe(read(`systemd/${name}`));
    for (const target of ["x64", "arm64", "armv7"])
      expect(gunzipSync(readFileSync(join(tree.path, `out/chouette-linux-${target}.gz`))).toString()).toBe(
        read(`dist/chouette-linux-${target}`),
      );
    expect(mode("out/install.sh")).toBe("755");
  });

  test("install.sh has the key in one line and the address without a slash at its end", async () => {
    await pack(["out"], { CHOUETTE_RELEASES_URL: `${RELEASES}/` });
    const body = publicKey.split("\n").slice(1, -2).join("");
    expect(read("out/install.sh")).toBe(`#!/bin/sh\nPUBLIC_KEY='${body}'\nRELEASES='${RELEASES}'\n`);
  });

  test("the checksums are those of all other files, and the signature is over them", async () => {
    await pack();
    const summed = read("out/SHA256SUMS").trim().split("\n");
    expect(summed.map((line) => line.slice(66))).toEqual(FLAT.filter((name) => !name.startsWith("SHA")));
    expect((await tree.run("sh", ["-c", "cd out && sha256sum -c --quiet SHA256SUMS"])).code).toBe(0);

    await tree.write({ "public.pem": publicKey });
    const verify = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "out/SHA256SUMS.sig"];
    expect(await tree.run("openssl", [...verify, "out/SHA256SUMS"])).toEqual({
      code: 0,
      said: "Verified OK\n",
    });
    await tree.write({ "out/SHA256SUMS": `${read("out/SHA256SUMS")} ` });
    expect((await tree.run("openssl", [...verify, "out/SHA256SUMS"])).code).toBe(1);
  });

  test("makes the same twice, except the signature", async () => {
    await pack(["one"]);
    await tree.run("sh", ["-c", "touch -d 2001-01-01 dist/*"]);
    await pack(["two"]);
    for (const name of FLAT.filter((name) => !name.endsWith(".sig")))
      expect(read(`two/${name}`)).toBe(read(`one/${name}`));
  });

  test("of another folder, and only the executables that are there", async () => {
    const foreign = process.arch === "arm64" ? "x64" : "arm64";
    const debian = foreign === "x64" ? "amd64" : "arm64";
    const theirs = [`chouette-linux-${foreign}.gz`, `chouette_1.2.3_${debian}.deb`];
    await tree.write({ "elsewhere/chouette-linux-arm64": '0\0"1.2.3"\0', "elsewhere/sbom.cdx.json": "{}" });
    await tree.write({ "elsewhere/THIRD-PARTY-NOTICES.txt": `chouette-linux-${foreign}` });
    await tree.run("sh", ["-c", "cp dist/chouette.* elsewhere/"]);
    await tree.run("mv", ["elsewhere/chouette-linux-arm64", `elsewhere/chouette-linux-${foreign}`]);
    expect(await pack(["--dist", "elsewhere", "out"])).toEqual({ code: 0, said: "" });
    expect(readdirSync(join(tree.path, "out")).sort()).toEqual(
      FLAT.filter((name) => !/linux|deb$/.test(name) || theirs.includes(name)),
    );
  });
});

describe("pack.sh refuses with a message, and leaves no trace,", () => {
  afterEach(() => {
    for (const name of ["out", "out.partial"]) expect(existsSync(join(tree.path, name))).toBe(false);
  });

  const refused = (words: string): Ended => ({ code: 1, said: `pack.sh: ${words}\n` });

  test("to go without a key", async () => {
    expect(await pack(["out"], { CHOUETTE_SIGNING_KEY: "" })).toEqual(
      refused(
        "no key to sign with: set CHOUETTE_SIGNING_KEY to its path; scripts/release/new-key.sh makes one",
      ),
    );
    expect(await pack(["out"], { CHOUETTE_SIGNING_KEY: "lost.pem" })).toEqual(
      refused("the key lost.pem cannot be read: set CHOUETTE_SIGNING_KEY to the path of the private key"),
    );
  });

  test.each([
    ["Ed25519", ["genpkey", "-algorithm", "ed25519"]],
    ["another curve", ["ecparam", "-name", "secp384r1", "-genkey", "-noout"]],
    [
      "a password",
      [
        "genpkey",
        "-aes-128-cbc",
        "-pass",
        "pass:no",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
      ],
    ],
  ])("a key of %s", async (_kind, words) => {
    await tree.run("openssl", [...words, "-out", "other.pem"]);
    expect(await pack(["out"], { CHOUETTE_SIGNING_KEY: "other.pem" })).toEqual(
      refused(
        "other.pem is not an ECDSA key of curve P-256 without a password: scripts/release/new-key.sh makes one",
      ),
    );
  });

  test.each(["", "example.com", "https://", "https://a'b", "https://a b"])(
    "the address %p",
    async (address) => {
      expect(await pack(["out"], { CHOUETTE_RELEASES_URL: address })).toEqual(
        refused(
          "no address: set CHOUETTE_RELEASES_URL to where releases are published, such as https://github.com/OWNER/chouette/releases",
        ),
      );
    },
  );

  test.each([
    "# Changelog\n\n## 1.2.2\n\nOlder.\n",
    "## 1.2.3\n\n## 1.2.2\n\nOlder.\n",
    "## 1x2.3\n\nText.\n",
  ])("a changelog without an entry for this version (%#)", async (changelog) => {
    await tree.write({ "CHANGELOG.md": changelog });
    expect(await pack()).toEqual(
      refused(
        'CHANGELOG.md has no entry "## 1.2.3": write what is new there, or fix the version in package.json',
      ),
    );
  });

  test.each(["x64", "arm64", "armv7"])("an executable of another version: %s", async (target) => {
    await tree.write({ [`dist/chouette-linux-${target}`]: executableOf("1.2.2") });
    const { code, said } = await pack();
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(`/dist/chouette-linux-${target} is (1.2.2|another version), and package.json says 1.2.3: `),
    );
  });

  test("to publish nothing", async () => {
    await tree.run("sh", ["-c", "rm dist/chouette-*"]);
    expect((await pack()).said).toMatch(/^pack.sh: there is no executable in .*build.ts --target all\n$/);
  });

  test("executables that the notices say nothing of", async () => {
    await tree.write({ "dist/THIRD-PARTY-NOTICES.txt": "chouette-linux-x64, chouette-linux-arm64" });
    expect((await pack()).said).toContain("THIRD-PARTY-NOTICES.txt says nothing of chouette-linux-armv7");
  });

  test("a public key that is none", async () => {
    const keys = { CHOUETTE_SIGNING_KEY: "", CHOUETTE_PUBLIC_KEY: "MFkw" };
    expect((await pack(["out"], keys)).said).toContain("CHOUETTE_PUBLIC_KEY is not an ECDSA key");
  });

  test("a key that devices would refuse", async () => {
    await tree.run("scripts/release/new-key.sh", ["new.pem"]);
    expect(await tree.run("scripts/release/change-key.sh", ["key.pem", "new.pem"])).toEqual({
      code: 0,
      said: "",
    });
    expect((await pack()).said).toContain("devices would refuse this release");
    rmSync(join(tree.path, "scripts/release/KEYS"));
  });

  test.each([
    "systemd/chouette.service",
    "systemd/chouette-dogstatsd.socket",
    "systemd/chouette.env",
    "scripts/deploy/Dockerfile",
    "dist/sbom.cdx.json",
    "dist/THIRD-PARTY-NOTICES.txt",
    "install.sh",
  ])("to go without %s", async (name) => {
    rmSync(join(tree.path, name));
    const remedy = name.startsWith("dist/") ? ": node_modules/.bin/bun run build.ts --target all" : "";
    expect(await pack()).toEqual(refused(`${tree.path}/${name} is missing${remedy}`));
  });

  test("an install.sh without the line for the key", async () => {
    await tree.write({ "install.sh": "#!/bin/sh\nRELEASES=''\n" });
    expect(await pack()).toEqual(refused("install.sh has no line PUBLIC_KEY='' to fill in"));
  });
});

test("pack.sh does not write into a folder that holds something", async () => {
  await tree.write({ "out/mine.txt": "text" });
  expect(await pack()).toEqual({
    code: 1,
    said: "pack.sh: out is not empty: remove it, or name another folder\n",
  });
  expect(readdirSync(join(tree.path, "out"))).toEqual(["mine.txt"]);
});

test.each([[[]], [["--help"]], [["a", "b"]], [["--dist"]]])("pack.sh %p is wrong usage", async (args) => {
  const { code, said } = await pack(args);
  expect([code, said.split(" ", 1)]).toEqual([2, ["usage:"]]);
});

describe("new-key.sh", () => {
  test("makes a key that only its owner can read", () => {
    expect(mode("key.pem")).toBe("600");
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\nMFkw[\s\S]*-----END PUBLIC KEY-----\n$/);
  });

  test("never replaces one", async () => {
    const before = read("key.pem");
    expect(await tree.run("scripts/release/new-key.sh", ["key.pem"])).toEqual({
      code: 1,
      said: "new-key.sh: key.pem is there already: name another file; who installed with its public half trusts no other key\n",
    });
    expect(read("key.pem")).toBe(before);
  });
});
