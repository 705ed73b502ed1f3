import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { makeTree, type Tree } from "./tree.ts";

setDefaultTimeout(30_000);

let tree: Tree;
beforeAll(async () => {
  tree = await makeTree();
  const env = { CHOUETTE_SIGNING_KEY: "key.pem", CHOUETTE_RELEASES_URL: "https://example.com/releases" };
  await tree.run("scripts/release/new-key.sh", ["key.pem"]);
  await tree.run("scripts/release/pack.sh", ["packed"], env);
});
beforeEach(() => tree.run("sh", ["-c", "rm -rf out && cp -a packed out"]));
afterAll(() => tree[Symbol.asyncDispose]());

const verify = () => tree.run("scripts/release/verify.sh", ["out"]);

test("verify.sh accepts what was packed", async () => {
  expect(await verify()).toEqual({ code: 0, said: "" });
});

test.each([
  ["echo >>out/install.sh", "not what was signed: install.sh: FAILED"],
  ["printf x >>out/chouette-linux-armv7.gz", "not what was signed: chouette-linux-armv7.gz: FAILED"],
  ["rm out/NOTES.md", "not what was signed: NOTES.md: FAILED open or read"],
  ["rm out/SHA256SUMS.sig", "SHA256SUMS.sig is missing"],
  ["echo >>out/SHA256SUMS", "SHA256SUMS is not signed by the key in install.sh"],
  ["echo mine >out/chouette.txt", "chouette.txt is not in SHA256SUMS"],
  [
    "scripts/release/new-key.sh other.pem && openssl dgst -sha256 -sign other.pem -out out/SHA256SUMS.sig out/SHA256SUMS",
    "SHA256SUMS is not signed by the key in install.sh",
  ],
])("verify.sh rejects it after %p", async (change, words) => {
  expect((await tree.run("sh", ["-c", change])).code).toBe(0);
  expect(await verify()).toEqual({ code: 1, said: `verify.sh: ${words}\n` });
});
