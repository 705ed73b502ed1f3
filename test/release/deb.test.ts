import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { makeTree, type Tree } from "./tree.ts";

setDefaultTimeout(30_000);

let tree: Tree;
beforeAll(async () => {
  tree = await makeTree();
  await tree.run("scripts/release/new-key.sh", ["key.pem"]);
  await tree.write({
    "systemd/chouette.service": "ExecStart=/usr/local/bin/chouette run\n",
    "package.json": '{\n  "name": "chouette",\n  "version": "1.2.3-rc.1",\n}\n',
    "CHANGELOG.md": "## 1.2.3-rc.1\n\nSoon.\n",
    ...Object.fromEntries(
      ["x64", "arm64", "armv7"].map((target) => [
        `dist/chouette-linux-${target}`,
        '#!/bin/sh\necho "1.2.3-rc.1"\n',
      ]),
    ),
  });
  const env = { CHOUETTE_SIGNING_KEY: "key.pem", CHOUETTE_RELEASES_URL: "https://example.com/releases" };
  expect(await tree.run("scripts/release/pack.sh", ["out"], env)).toEqual({ code: 0, said: "" });
});
afterAll(() => tree[Symbol.asyncDispose]());

describe.each([
  ["amd64", "libc6 (>= 2.17), init-system-helpers, passwd"],
  ["arm64", "libc6 (>= 2.17), init-system-helpers, passwd"],
  ["armhf", "libc6 (>= 2.28), libatomic1, libstdc++6 (>= 9), init-system-helpers, passwd"],
])("the Debian package for %s", (architecture, depends) => {
  const deb = `out/chouette_1.2.3-rc.1_${architecture}.deb`;
  const field = async (name: string) => (await tree.run("dpkg-deb", ["--field", deb, name])).said.trim();

  test("says what it is and needs, and a candidate is older than the release", async () => {
    expect(await field("Architecture")).toBe(architecture);
    expect(await field("Depends")).toBe(depends);
    const version = await field("Version");
    expect((await tree.run("dpkg", ["--compare-versions", version, "lt", "1.2.3"])).code).toBe(0);
  });

  test("has root's files, with the unit that starts its executable", async () => {
    const { said } = await tree.run("dpkg-deb", ["--contents", deb]);
    const files = said
      .trim()
      .split("\n")
      .filter((line) => !line.endsWith("/"));
    expect(files.map((line) => line.replace(/^(\S+) (\S+) .* \.(\/.*)$/, "$1 $2 $3")).sort()).toEqual([
      "-rw-r--r-- root/root /lib/systemd/system/chouette-dogstatsd.socket",
      "-rw-r--r-- root/root /lib/systemd/system/chouette.service",
      "-rw-r--r-- root/root /usr/share/bash-completion/completions/chouette",
      "-rw-r--r-- root/root /usr/share/chouette/chouette.env",
      "-rw-r--r-- root/root /usr/share/doc/chouette/copyright",
      "-rw-r--r-- root/root /usr/share/fish/vendor_completions.d/chouette.fish",
      "-rw-r--r-- root/root /usr/share/man/man1/chouette.1.gz",
      "-rw-r--r-- root/root /usr/share/zsh/vendor-completions/_chouette",
      "-rwxr-xr-x root/root /usr/bin/chouette",
      "-rwxr-xr-x root/root /usr/lib/chouette/install.sh",
    ]);
    const unit = await tree.run("sh", [
      "-c",
      `dpkg-deb --fsys-tarfile ${deb} | tar xO ./lib/systemd/system/chouette.service`,
    ]);
    expect(unit.said).toBe("ExecStart=/usr/bin/chouette run\n");
  });
});
