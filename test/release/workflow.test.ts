import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { YAML } from "bun";

type Step = { uses?: string; run?: string; env?: Record<string, string> };
type Job = { environment?: string; permissions: Record<string, string>; needs?: string; steps: Step[] };

const TEXT = readFileSync(join(import.meta.dir, "../../.github/workflows/release.yml"), "utf8");
const { permissions, jobs } = YAML.parse(TEXT) as {
  permissions: object;
  jobs: { build: Job; publish: Job; image: Job };
};

test("what comes from package registries runs without the signing key and may write nothing", () => {
  expect(permissions).toEqual({});
  expect(jobs.build.permissions).toEqual({ contents: "read" });
  expect(JSON.stringify(jobs.build)).not.toContain("secrets.");
  expect(jobs.build.environment).toBeUndefined();
});

test("the job that signs is in the protected environment, and runs scripts of the project alone", () => {
  const { environment, needs, permissions: allowed, steps } = jobs.publish;
  expect([environment, needs]).toEqual(["release", "build"]);
  expect(allowed).toEqual({ contents: "write", "id-token": "write", attestations: "write" });
  const scripts = steps.map(({ run = "" }) => run).join("\n");
  expect(scripts).not.toMatch(/npm|bun|setup\.sh|test\.sh/);
  expect(
    steps.filter(({ env }) => JSON.stringify(env ?? {}).includes("secrets.")).map(({ run }) => run),
  ).toEqual([expect.stringContaining("scripts/release/sign.sh dist/release")]);
  expect(steps.some(({ uses }) => uses?.startsWith("actions/attest-build-provenance@"))).toBe(true);
});

test("the image is built for three processors from what was published, without the signing key", () => {
  const { needs, permissions: allowed, steps } = jobs.image;
  expect([needs, allowed]).toEqual(["publish", { contents: "read", packages: "write" }]);
  expect(JSON.stringify(jobs.image)).not.toContain("secrets.");
  const script = steps.map(({ run = "" }) => run).join("\n");
  expect(script).toContain("--platform linux/amd64,linux/arm64,linux/arm/v7 ");
  expect(script).toContain("containerimage.digest");
  expect(script.indexOf("sha256sum --check")).toBeLessThan(script.indexOf("docker buildx build"));
});

test("actions are named by their commit, and a release candidate is not the latest release", () => {
  const used = [...TEXT.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
  expect(used.length).toBeGreaterThan(3);
  for (const name of used) expect(name).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  expect(TEXT).toContain('*-*) kind="--prerelease --latest=false"');
});
