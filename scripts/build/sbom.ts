/** The components of an executable. */
export type Contents = { target: string; runtime: Runtime; packages: ReadonlySet<string> };

/** `purl` is a package URL; `integrity` is of what was downloaded, as in package-lock.json: `sha512-…` or `sha256-…` in base64. */
type Component = { name: string; version: string; license: string; purl: string; integrity: string };

/** `notice` is what the runtime says of its licences. */
export type Runtime = Component & { parts: readonly Part[]; notice: string };

/** Something that is linked into a runtime. `license` is an expression of SPDX; without one the licence has no name. */
export type Part = { name: string; license?: string; url?: string };

/** package-lock.json, where the project has the name "" and a package `node_modules/…`. */
export type Lock = {
  name: string;
  packages: Readonly<Record<string, { version?: string; license?: string; integrity?: string }>>;
};

/**
 * The software bill of materials of the executables: CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/). Of the same builds
 * it is the same text, so it has no serial number and no time. Throws for a package that is not in the lock file.
 */
export function sbom(lock: Lock, executables: readonly Contents[]): string {
  const parts = new Map<string, { component: object; targets: string[] }>();
  for (const { target, runtime, packages } of executables) {
    const components = [
      { ...component("platform", runtime), components: runtime.parts.map(partOf(runtime)) },
      ...[...packages].map((name) => packageComponent(lock, name)),
    ];
    for (const found of components) {
      const part = parts.get(found.purl) ?? { component: found, targets: [] };
      part.targets.push(target);
      parts.set(found.purl, part);
    }
  }
  const { version = "", license = "" } = lock.packages[""] ?? {};
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": lock.name,
        name: lock.name,
        version,
        licenses: licenses(license),
      },
    },
    components: [...parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { component, targets }]) => ({
        ...component,
        properties: targets.map((value) => ({ name: "chouette:executable", value: `chouette-${value}` })),
      })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function packageComponent({ packages }: Lock, name: string) {
  const { version, license, integrity } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || license === undefined || integrity === undefined)
    throw new Error(`package-lock.json has no version, license and integrity of ${name}`);
  return component("library", { name, version, license, integrity, purl: npmPurl(name, version) });
}

function partOf(runtime: Runtime) {
  return ({ name, license, url }: Part) => ({
    type: "library",
    "bom-ref": `${runtime.purl}#${name}`,
    name,
    licenses:
      license === undefined
        ? [{ license: { name: "its own, see THIRD-PARTY-NOTICES.txt" } }]
        : licenses(license),
    ...(url === undefined ? {} : { externalReferences: [{ type: "website", url }] }),
  });
}

function component(type: string, { name, version, license, purl, integrity }: Component) {
  return {
    type,
    "bom-ref": purl,
    name,
    version,
    hashes: hashes(integrity),
    licenses: licenses(license),
    purl,
  };
}

/** `pkg:npm/%40ioredis/commands@2.0.0` */
export function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function hashes(integrity: string) {
  const [algorithm = "", digest = ""] = integrity.split("-");
  const content = Buffer.from(digest, "base64").toString("hex");
  return [{ alg: algorithm === "sha256" ? "SHA-256" : "SHA-512", content }];
}

/** A name of SPDX, or an expression of several. */
function licenses(spdx: string) {
  return spdx.includes(" ") ? [{ expression: spdx }] : [{ license: { id: spdx } }];
}
