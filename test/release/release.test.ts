import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Ended, executableOf, makeTree, type Tree } from "./tree.ts";

setDefaultTimeout(30_000);

/** What a release does and in which order. Its two long steps stand in for themselves: the real ones take minutes. */
const SETUP = `#!/bin/sh
mkdir -p node_modules/.bin
ln -sf ../../bun.sh node_modules/.bin/bun
`;
const BUN = `#!/bin/sh
echo "$@" >>"$BUILDS"
mkdir -p dist
for target in x64 arm64 armv7; do
  printf '%s' '${executableOf("1.2.3")}' >dist/chouette-linux-$target
  chmod 755 dist/chouette-linux-$target
done
if [ -n "\${DIFFERENT:-}" ]; then pwd >>dist/chouette-linux-arm64; fi
for name in bash zsh fish 1; do echo "$name" >dist/chouette.$name; done
echo '{}' >dist/sbom.cdx.json
echo chouette-linux-x64, chouette-linux-arm64, chouette-linux-armv7 >dist/THIRD-PARTY-NOTICES.txt
`;
const TESTS = `#!/bin/sh
[ -z "\${BROKEN:-}" ] || { echo "1 failed"; exit 1; }
`;

let tree: Tree;
beforeEach(async () => {
  tree = await makeTree();
  await tree.write({
    ".gitignore": "dist/\nnode_modules/\nkey.pem\nbuilds\n",
    "scripts/setup.sh": SETUP,
    "scripts/test.sh": TESTS,
    "bun.sh": BUN,
  });
  await tree.run("scripts/release/new-key.sh", ["key.pem"]);
  await git("init", "--quiet");
  await commit();
});
afterEach(() => tree[Symbol.asyncDispose]());

const WHO = ["-c", "user.name=releaser", "-c", "user.email=releaser@example.com"];
const git = (...words: string[]) => tree.run("git", [...WHO, ...words]);

async function commit(): Promise<void> {
  await git("add", ".");
  expect((await git("commit", "--quiet", "--message=all")).code).toBe(0);
}

function release(env: Record<string, string> = {}, ...args: string[]): Promise<Ended> {
  const given = {
    CHOUETTE_SIGNING_KEY: "key.pem",
    CHOUETTE_RELEASES_URL: "https://example.com/releases",
    BUILDS: join(tree.path, "builds"),
    ...env,
  };
  return tree.run("scripts/release.sh", args, given);
}

const released = (out = "dist/release") => existsSync(join(tree.path, out));

test("release.sh builds twice, packs, tests and lists the files", async () => {
  await git("tag", "v1.2.3");
  const { code, said } = await release();
  expect(code).toBe(0);
  expect(said.split("\n").filter((line) => line.startsWith("=="))).toEqual([
    "== building 1.2.3",
    "== packing and signing",
    "== building once more, in a fresh clone",
    "== testing",
    "== dist/release",
  ]);
  expect(await tree.run("cat", ["builds"])).toEqual({
    code: 0,
    said: "run build.ts --target all\nrun build.ts --target all\n",
  });
  expect(await tree.run("scripts/release/verify.sh", ["dist/release"])).toEqual({ code: 0, said: "" });
  for (const name of readdirSync(join(tree.path, "dist/release"))) expect(said).toMatch(`  ${name}\n`);
});

test("release.sh without the private key leaves the signature to sign.sh, and builds with the requested runtime", async () => {
  const [, body = ""] =
    /-\n([^-]*)\n-/.exec((await tree.run("openssl", ["ec", "-in", "key.pem", "-pubout"])).said) ?? [];
  const env = { CHOUETTE_SIGNING_KEY: "", CHOUETTE_PUBLIC_KEY: body, CHOUETTE_ARMV7_RUNTIME: "nodejs.org" };
  expect((await release(env)).code).toBe(0);
  expect((await tree.run("cat", ["builds"])).said).toBe(
    "run build.ts --target all --armv7-runtime nodejs.org\n".repeat(2),
  );
  expect(released("dist/release/SHA256SUMS.sig")).toBe(false);
  const signing = { CHOUETTE_SIGNING_KEY: "key.pem" };
  expect(await tree.run("scripts/release/sign.sh", ["dist/release"], signing)).toEqual({ code: 0, said: "" });
  expect(await tree.run("scripts/release/verify.sh", ["dist/release"])).toEqual({ code: 0, said: "" });
});

test("release.sh writes the folder in its argument", async () => {
  await git("commit", "--quiet", "--allow-empty", "--message=later");
  expect((await release({}, "dist/of/mine")).code).toBe(0);
  expect([released(), released("dist/of/mine")]).toEqual([false, true]);
});

describe("release.sh releases nothing", () => {
  afterEach(() => expect(released()).toBe(false));

  test("with uncommitted changes", async () => {
    await tree.write({ "systemd/chouette.env": "#changed\n", "new.txt": "" });
    expect(await release()).toEqual({
      code: 1,
      said: "release.sh: there is something that is in no commit: commit it, or put it away\n M systemd/chouette.env\n?? new.txt\n",
    });
  });

  test("under the tag of another version", async () => {
    await git("tag", "v1.3.0");
    expect((await release()).said).toBe(
      "release.sh: this commit has the tag v1.3.0, and package.json says 1.2.3: fix one of them\n",
    );
  });

  test("of a version that was already released", async () => {
    await git("tag", "v1.2.3");
    await git("commit", "--quiet", "--allow-empty", "--message=later");
    expect((await release()).said).toBe(
      "release.sh: v1.2.3 is another commit already: raise the version in package.json and head the changes with it in CHANGELOG.md\n",
    );
  });

  test("when the build cannot be reproduced", async () => {
    const { code, said } = await release({ DIFFERENT: "yes" });
    expect(code).toBe(1);
    expect(said).toEndWith(
      "release.sh: two builds of this commit differ: nobody could check where chouette-linux-arm64 is from\n",
    );
  });

  test("without a key, which it reports before the tests", async () => {
    const { code, said } = await release({ CHOUETTE_SIGNING_KEY: "" });
    expect(code).toBe(1);
    expect(said).toMatch(/packing\npack.sh: no key to sign with: .*\n$/);
  });

  test("when a test fails", async () => {
    const { code, said } = await release({ BROKEN: "yes" });
    expect(code).toBe(1);
    expect(said).toEndWith("== testing\n1 failed\n");
  });
});

test("release.sh never replaces an existing folder", async () => {
  await tree.write({ "dist/release/mine.txt": "text" });
  expect(await release()).toEqual({
    code: 1,
    said: "release.sh: dist/release is there already: remove it\n",
  });
});
