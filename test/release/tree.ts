import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dir, "../..");

/** A tree with the project's scripts of releasing, and of everything else just enough to be released as 1.2.3. */
export type Tree = {
  path: string;
  /** Runs a program in it and tells how it ended, with both outputs in one text. */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Ended = { code: number; said: string };

/** An executable that is a script, so that every processor runs it. */
export const executableOf = (version: string) => `#!/bin/sh\necho "${version}"\n`;

export const DASHBOARDS = [
  ...["README.md", "datadog-dashboard.json", "datadog-metrics.jsonl", "datadog-monitors.jsonl"],
  ...["grafana-dashboard.json", "import.sh", "preview.svg"],
];

const FILES = {
  "package.json": '{\n  "name": "chouette",\n  "version": "1.2.3",\n  "private": true\n}\n',
  "CHANGELOG.md": "# Changelog\n\n## 1.2.3\n\nBetter.\n\n- host: faster\n\n## 1.2.2\n\nOlder.\n",
  "install.sh": "#!/bin/sh\nPUBLIC_KEY=''\nRELEASES=''\n",
  "systemd/chouette.service": "[Service]\n",
  "systemd/chouette-dogstatsd.socket": "[Socket]\n",
  "systemd/chouette.env": "#API_KEY=\n",
  "scripts/deploy/Dockerfile": "FROM scratch\n",
  "scripts/deploy/docker-compose.yml": "services: {}\n",
  "scripts/deploy/kubernetes.yaml": "kind: List\n",
  ...Object.fromEntries(DASHBOARDS.map((name) => [`scripts/dashboards/${name}`, `${name}\n`])),
  "dist/chouette-linux-x64": executableOf("1.2.3"),
  "dist/chouette-linux-arm64": executableOf("1.2.3"),
  "dist/chouette-linux-armv7": executableOf("1.2.3"),
  "dist/chouette.bash": "complete chouette\n",
  "dist/chouette.zsh": "#compdef chouette\n",
  "dist/chouette.fish": "complete -c chouette\n",
  "dist/chouette.1": ".TH CHOUETTE 1\n",
  LICENSE: "Apache License\n",
  "dist/sbom.cdx.json": "{}\n",
  "dist/THIRD-PARTY-NOTICES.txt": "chouette-linux-x64, chouette-linux-arm64, chouette-linux-armv7\n",
};

export async function makeTree(): Promise<Tree> {
  const path = await mkdtemp(join(tmpdir(), "chouette-release-"));
  for (const name of ["scripts/release", "scripts/release.sh"])
    await cp(join(ROOT, name), join(path, name), { recursive: true });
  const tree: Tree = {
    path,
    run: (program, args, env = {}) => run(path, program, args, env),
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
      }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
  await tree.write(FILES);
  return tree;
}

async function run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Ended> {
  const options = { cwd, env: { PATH: process.env.PATH ?? "", SOURCE_DATE_EPOCH: "1700000000", ...env } };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options);
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}
