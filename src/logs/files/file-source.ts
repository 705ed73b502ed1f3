import type { LogLine, SourceOptions } from "../log-line.ts";
import type { Batch, FindPosition, Source, Stream } from "../stream.ts";
import type { Pattern } from "../text/pattern.ts";
import { readLine } from "../text/read-line.ts";
import { createContainerLines } from "./container-lines.ts";
import { containerOf } from "./container-log.ts";
import { explainFile } from "./explain-file.ts";
import { findFiles, isGlob } from "./find-files.ts";
import { createMultiLine, inTurn } from "./multi-line.ts";
import type { RawLine } from "./split-lines.ts";
import { type Tail, type TailPosition, tailPath } from "./tail-path.ts";

/** One entry of LOG_FILES. */
export type FileEntry = SourceOptions & { path: string; multiLine: string | undefined };

export type FileSourceDeps = {
  /** HOST_ROOT. */
  root: string;
  compile(pattern: string): Pattern;
  /** Lines before the end at which a file begins that is there at the very first start. */
  lastLines: number;
  /** Unix seconds. */
  now(): number;
};

/** Seconds between two looks for files that a glob names. */
const RESCAN = 1;

/** Creates the source of the files of one entry, which may be a glob. What was never read begins at its end at the first start, later at its beginning. */
export function createFileSource(entry: FileEntry, deps: FileSourceDeps): Source {
  const root = deps.root === "/" ? "" : deps.root;
  const start = entry.multiLine === undefined ? undefined : deps.compile(entry.multiLine);
  const tails = new Map<string, { tail: Tail; stream: Stream }>();
  let scanAt = Number.NEGATIVE_INFINITY;
  let isKnown = false;
  /** Unix seconds of the last look at this entry that an earlier agent noted, or of the first one. */
  let since: number | undefined;

  async function open(path: string, find: FindPosition): Promise<void> {
    const name = `file:${path}`;
    const saved = (await find(name)) as TailPosition | undefined;
    const container = containerOf(path, root);
    const joiners = [
      ...(container === undefined ? [] : [() => createContainerLines(container.format)]),
      ...(start === undefined ? [] : [() => createMultiLine(start)]),
    ];
    const tail = tailPath(`${root}${path}`, saved, {
      joiner: joiners.length === 0 ? undefined : () => inTurn(joiners.map((create) => create())),
      lastLines: isKnown ? Number.POSITIVE_INFINITY : deps.lastLines,
      since: 1000 * (since ?? Number.POSITIVE_INFINITY),
    });
    const service = container?.service;
    const read: Stream["read"] = (maxBytes, monotonic, now) => {
      const { lines, cut, lost } = tail.read(maxBytes, monotonic);
      const logs: LogLine[] = [];
      for (const line of lines) if (line.text !== "") logs.push(logOf(line, service, now));
      return { lines: logs, cut, lost, position: tail.position(), waiting: tail.unread() } satisfies Batch;
    };
    tails.set(path, { tail, stream: { name, tags: container?.tags ?? [], canWait: true, lossOf, read } });
  }

  return {
    name: entry.path,
    options: entry,
    async streams(find, monotonic) {
      if (monotonic - scanAt >= RESCAN) {
        scanAt = monotonic;
        if (since === undefined) {
          const seen = await find(`entry:${entry.path}`);
          isKnown = seen !== undefined;
          since = typeof seen === "number" ? seen : deps.now();
        }
        for (const path of findFiles(root, entry.path)) if (!tails.has(path)) await open(path, find);
        isKnown = true;
        if (isGlob(entry.path))
          for (const [path, { tail }] of tails)
            if (tail.isOver()) {
              tail.close();
              tails.delete(path);
            }
      }
      return [...tails.values()].map(({ stream }) => stream);
    },
    problems: () => {
      const failing = [...tails].flatMap(([path, { tail }]) => {
        const problem = tail.problem();
        return problem === undefined ? [] : [{ what: `file:${path}`, ...explainFile(path, problem) }];
      });
      const isMissing = tails.size === 0 && scanAt > 0;
      return isMissing ? [{ what: `file:${entry.path}`, ...explainFile(entry.path, undefined) }] : failing;
    },
    async close() {
      for (const { tail } of tails.values()) tail.close();
      tails.clear();
    },
  };
}

const lossOf = (count: number) =>
  `${count} ${count === 1 ? "file was" : "files were"} removed or truncated before all of it was read`;

/** The host that a line of syslog names is this one, under whatever name it has. */
function logOf({ text, at, stream }: RawLine, service: string | undefined, now: number): LogLine {
  const line = readLine(text, at ?? now);
  line.host = undefined;
  line.status ??= stream === "stderr" ? "error" : undefined;
  line.service ??= service;
  return line;
}
