import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { IoError, type IoFailure } from "../../src/errors.ts";
import type { DiskUsage, Io, JsonRequest } from "../../src/plugins/plugin.ts";

/**
 * An `Io` that replays a folder, `test/fixtures/<plugin>/<case>/`. Everything in it is optional:
 *
 *   0/ 1/ 2/ …            successive snapshots, one per capture; what a snapshot lacks is taken from the case's own folder
 *   proc/… sys/… any/…    the device's files, directories and symbolic links, below their paths
 *     NAME.denied         (empty) NAME exists and may not be read; for a file or a directory
 *     NAME.again          what the second and later reads of NAME within one capture give
 *   disk-usage.json       {"/": {"total", "used", "free", "inodes", "inodesFree"}, "/mnt/dead": null}; null: does not answer
 *   http/requests.json    [{"url", "socketPath"?, "status"? = 200, "body" | "file"}, {"url", "error": "words", "code"}]; `file` is a
 *                         JSON file beside it, an answer as captured. A request that is not listed: connection refused
 *   lines/PROGRAM.txt     what the program prints before it ends; without it the program is not there
 *   lines/PROGRAM.error   the program cannot be started: the words of the error
 *   monotonic             seconds of the clock that cannot be set; without it, 30 s pass from one snapshot to the next
 *   hashes.json           {"dramatiq:default.msgs": 3}, or a string: the words of the error. Without it: no Redis
 *
 * For the walker (test/plugins/fixtures.test.ts) there are also SOURCE, env.json and expected.json.
 */
export function fixtureIo(folder: string): FixtureIo {
  const snapshots = Math.max(1, readdirSync(folder).filter((name) => /^\d+$/.test(name)).length);
  let layers = layersOf(folder, 0);
  let reads = new Map<string, number>();
  let clock = 1000;
  const find = (path: string) => layers.map((layer) => join(layer, path)).find(present);
  const json = (path: string): unknown => {
    const file = find(path);
    return file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8"));
  };
  const refuseDenied = (path: string) => {
    if (find(`${path}.denied`) !== undefined)
      throw new IoError(`cannot read ${path}`, "denied", "permission denied");
  };

  const files: Pick<Io, "readTextSync" | "listSync"> = {
    readTextSync(path) {
      refuseDenied(path);
      const count = reads.get(path) ?? 0;
      reads.set(path, count + 1);
      const file = (count > 0 ? find(`${path}.again`) : undefined) ?? find(path);
      return file === undefined || !existsSync(file) || statSync(file).isDirectory()
        ? undefined
        : readFileSync(file, "utf8");
    },
    listSync(path) {
      refuseDenied(path);
      const names = layers.flatMap((layer) => {
        const directory = join(layer, path);
        return existsSync(directory) && statSync(directory).isDirectory() ? readdirSync(directory) : [];
      });
      const visible = names
        .filter((name) => !name.endsWith(".again"))
        .map((name) => name.replace(/\.denied$/, ""));
      return [...new Set(visible)].sort();
    },
  };

  const io: Io = {
    ...files,
    readText: async (path) => files.readTextSync(path),
    list: async (path) => files.listSync(path),
    isLeafSync: () => false,
    place: () => ({ container: false, user: "chouette", uid: 998 }),
    monotonic: () => Number(readFileSync(find("monotonic") ?? "/dev/null", "utf8")) || clock,
    async readLink(path) {
      const file = find(path);
      return file !== undefined && lstatSync(file).isSymbolicLink() ? readlinkSync(file) : undefined;
    },
    async diskUsage(mount) {
      const usages = (json("disk-usage.json") ?? {}) as Record<string, DiskUsage | null>;
      return usages[mount] ?? undefined;
    },
    async getJson(request) {
      const known = ((json("http/requests.json") ?? []) as Answer[]).find((answer) =>
        answers(answer, request),
      );
      if (known === undefined) throw new IoError(triedWith(request), "refused", "connection refused");
      if (known.error !== undefined)
        throw new IoError(triedWith(request), known.code ?? "other", known.error);
      return {
        status: known.status ?? 200,
        body: known.file === undefined ? known.body : json(`http/${known.file}`),
      };
    },
    async *lines(command, signal) {
      const program = basename(command[0]);
      const error = find(`lines/${program}.error`);
      if (error !== undefined) throw new Error(readFileSync(error, "utf8").trim());
      const output = find(`lines/${program}.txt`);
      if (output === undefined) throw new IoError(`cannot start ${command[0]}`, "absent", "no such file");
      for (const line of readFileSync(output, "utf8").trimEnd().split("\n")) {
        if (signal.aborted) return;
        yield line;
      }
    },
    async hashSizes(pattern) {
      const hashes = json("hashes.json") as Record<string, number> | string | undefined;
      if (hashes === undefined)
        throw new IoError("no Redis is configured", "not-configured", "set REDIS_HOST");
      if (typeof hashes === "string") throw new Error(hashes);
      return new Map(Object.entries(hashes).filter(([key]) => globMatches(pattern, key)));
    },
  };

  return {
    io,
    snapshots,
    use(snapshot) {
      layers = layersOf(folder, snapshot);
      reads = new Map();
      clock = 1000 + 30 * snapshot;
    },
  };
}

export type FixtureIo = {
  io: Io;
  /** How many captures the folder has input for. */
  snapshots: number;
  /** Takes the given snapshot, the first is 0. */
  use(snapshot: number): void;
};

type Answer = {
  url: string;
  socketPath?: string;
  status?: number;
  body?: unknown;
  file?: string;
  error?: string;
  code?: IoFailure;
};

function layersOf(folder: string, snapshot: number): string[] {
  return [join(folder, String(snapshot)), folder];
}

/** Also true for a symbolic link that points nowhere, as those of /proc/PID/ns do. */
function present(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** As `getJson` names a request, without its query. */
function triedWith({ url, socketPath }: JsonRequest): string {
  return `cannot get ${url.replace(/\?.*/, "")}${socketPath === undefined ? "" : ` at ${socketPath}`}`;
}

function answers(answer: Answer, request: JsonRequest): boolean {
  return answer.url === request.url && answer.socketPath === request.socketPath;
}

/** Redis globs as far as fixtures need them: `*` and `?`. */
function globMatches(pattern: string, key: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(key);
}
