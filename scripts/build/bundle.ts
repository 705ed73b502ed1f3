import type { BuildConfig } from "bun";
import { version } from "../../package.json";

/** Options of every bundle. */
export const BUNDLE = {
  entrypoints: ["src/main.ts"],
  minify: true,
  metafile: true,
  define: {
    CHOUETTE_VERSION: JSON.stringify(version),
    CHOUETTE_BUILT_AT: `${builtAt()}`,
    // The bundler would write the folder of the build machine. Only parts of pino that are not used, and ioredis for
    // tidying stack traces, ask for it.
    __dirname: '"/"',
    // ioredis logs every command through `debug`, AUTH with the password too, where DEBUG=ioredis:* says so.
    "process.env.DEBUG": "undefined",
  },
} as const satisfies Partial<BuildConfig>;

/**
 * Unix seconds of SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), else of the commit: the same for every build of one source.
 * 0 when neither is known: then no clock is before it.
 */
function builtAt(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  const { exitCode, stdout } = Bun.spawnSync(["git", "log", "-1", "--format=%ct"], {
    cwd: `${import.meta.dir}/../..`,
  });
  return exitCode === 0 ? Number(stdout.toString()) : 0;
}

/** The npm packages that a build has taken something of. */
export function bundledPackages({ metafile }: Pick<Bun.BuildOutput, "metafile">): Set<string> {
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  const names = inputs.map(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] : undefined,
  );
  return new Set(names.filter((name) => name !== undefined));
}
