import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, type Tree } from "./tree.ts";

setDefaultTimeout(30_000);

let tree: Tree;
beforeEach(async () => {
  tree = await makeTree();
  for (const name of ["one", "two", "three"]) await tree.run("scripts/release/new-key.sh", [`${name}.pem`]);
});
afterEach(() => tree[Symbol.asyncDispose]());

const changeKey = (old: string, next: string) =>
  tree.run("scripts/release/change-key.sh", [`${old}.pem`, `${next}.pem`]);
const sign = (key: string) =>
  tree.run("scripts/release/sign.sh", ["out"], { CHOUETTE_SIGNING_KEY: `${key}.pem` });
const pack = (key: string) =>
  tree.run("scripts/release/pack.sh", ["out"], {
    CHOUETTE_SIGNING_KEY: `${key}.pem`,
    CHOUETTE_RELEASES_URL: "https://example.com/releases",
  });

test("each new key is signed by the one before, and the chain is part of the release", async () => {
  expect(await changeKey("one", "two")).toEqual({ code: 0, said: "" });
  expect(await changeKey("two", "three")).toEqual({ code: 0, said: "" });
  expect(await pack("three")).toEqual({ code: 0, said: "" });
  const lines = readFileSync(join(tree.path, "out/KEYS"), "utf8").trim().split("\n");
  expect(lines).toHaveLength(2);
  const [key = "", signature = ""] = lines[0]?.split(" ") ?? [];
  await tree.write({ text: `chouette release key ${key}\n`, sig: signature });
  const verify = `openssl base64 -d -A <sig >sig.bin && openssl ec -in one.pem -pubout -out one.pub 2>/dev/null &&
    openssl dgst -sha256 -verify one.pub -signature sig.bin text`;
  expect(await tree.run("sh", ["-c", verify])).toEqual({ code: 0, said: "Verified OK\n" });
});

test("a chain is not continued by another key than its last one", async () => {
  await changeKey("one", "two");
  const { code, said } = await changeKey("one", "three");
  expect([code, said]).toEqual([1, expect.stringContaining("is not the newest key in")]);
});

test("sign.sh refuses a key that the folder's installer does not trust, and a folder that pack.sh has not made", async () => {
  expect((await sign("one")).said).toContain("out/SHA256SUMS is missing");
  await pack("one");
  const { code, said } = await sign("two");
  expect([code, said]).toEqual([
    1,
    "sign.sh: two.pem is not the private half of the key in out/install.sh\n",
  ]);
  expect((await sign("one")).code).toBe(0);
});
