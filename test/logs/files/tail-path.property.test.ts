import { afterEach, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { createMultiLine } from "../../../src/logs/files/multi-line.ts";
import {
  type Tail,
  type TailOptions,
  type TailPosition,
  tailPath,
} from "../../../src/logs/files/tail-path.ts";
import { compilePattern } from "../../../src/logs/text/pattern.ts";

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

const CHANGES = [
  "rename",
  "renameOnly",
  "copyTruncate",
  "truncate",
  "remove",
  "replace",
  "read",
  "restart",
  "kill",
  "compress",
] as const;

type Step = { do: "append"; lines: number; whole: boolean } | { do: (typeof CHANGES)[number] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      lines: fc.integer({ min: 1, max: 30 }),
      whole: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.constantFrom(...CHANGES).map((what): Step => ({ do: what })) },
);

/** A log with its writer and its reader, which commits what it read or is killed before. */
function createWorld(directory: string, joiner: TailOptions["joiner"]) {
  const options = { joiner, lastLines: Number.POSITIVE_INFINITY };
  const path = `${directory}/app.log`;
  const written: string[] = [];
  const taken: string[] = [];
  /** Lines whose only file was truncated or removed before they were read, and what the reader counted. */
  const gone = new Set<string>();
  let counted = 0;
  let number = 0;
  let now = 1000;
  /** Files are given times of their own: steps follow each other faster than a file system's clock. */
  let time = 1_700_000_000;
  let position: TailPosition = [];
  let tail: Tail = tailPath(path, position, options);

  const touch = (file: string) => {
    time++;
    utimesSync(file, time, time);
  };
  const append = (text: string) => {
    appendFileSync(path, text);
    touch(path);
  };
  const shift = () => {
    for (let i = 20; i >= 1; i--)
      if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`);
  };
  const endLine = () => {
    if (existsSync(path) && open) append("\n");
    open = false;
  };
  let open = false;

  const read = (commit: boolean): boolean => {
    const { lines, lost } = tail.read(700, now++);
    if (commit) {
      counted += lost;
      taken.push(...lines.map(({ text }) => text).filter((text) => text !== ""));
      position = tail.position();
    }
    return lines.length > 0;
  };
  const readAll = () => {
    while (read(true));
  };
  const restart = () => {
    tail.close();
    tail = tailPath(path, position, options);
  };

  /** The reader knows of everything, and has not read all of it. */
  const lookAndLose = () => {
    read(true);
    for (const line of written.slice(taken.length > 0 ? written.indexOf(taken.at(-1) ?? "") + 1 : 0))
      gone.add(line);
  };

  const steps: Record<Step["do"], (step: Step) => void> = {
    append: (it) => {
      if (it.do !== "append") return;
      endLine();
      for (let i = 0; i < it.lines; i++) {
        const line = `line ${number++} ${"x".repeat(number % 50)}`;
        written.push(line);
        open = !it.whole && i === it.lines - 1;
        append(open ? line : `${line}\n`);
      }
    },
    rename: () => {
      endLine();
      if (!existsSync(path)) return;
      shift();
      renameSync(path, `${path}.1`);
      writeFileSync(path, "");
      touch(path);
    },
    renameOnly: () => {
      endLine();
      if (!existsSync(path)) return;
      shift();
      renameSync(path, `${path}.1`);
    },
    copyTruncate: () => {
      endLine();
      if (!existsSync(path)) return;
      shift();
      copyFileSync(path, `${path}.1`);
      touch(`${path}.1`);
      truncateSync(path, 0);
      touch(path);
    },
    truncate: () => {
      endLine();
      lookAndLose();
      if (!existsSync(path)) return;
      truncateSync(path, 0);
      touch(path);
    },
    remove: () => {
      endLine();
      lookAndLose();
      rmSync(path, { force: true });
    },
    // The file is removed after it was read, and made again: ext4 gives it the same inode where nobody holds it.
    replace: () => {
      endLine();
      if (!existsSync(path)) return;
      readAll();
      lookAndLose();
      unlinkSync(path);
    },
    compress: () => {
      if (existsSync(`${path}.2`)) {
        readAll();
        lookAndLose();
        renameSync(`${path}.2`, `${path}.2.gz`);
      }
    },
    read: () => void read(true),
    restart,
    kill: () => {
      read(false);
      restart();
    },
  };
  // A restart finds what came and went meanwhile by what it read last.
  steps.append({ do: "append", lines: 1, whole: true });
  readAll();
  return {
    step: (it: Step) => steps[it.do](it),
    end: () => {
      endLine();
      readAll();
      now += 60;
      readAll();
      tail.close();
      return { written, taken, gone, counted };
    },
  };
}

/** Each line is a log, which is complete only when the next begins. */
const joining = () => createMultiLine(compilePattern("^line"));

test.each([
  ["/dev/shm", "", undefined],
  ["/var/tmp", "", undefined],
  ["/dev/shm", " in logs of several lines", joining],
])(
  "below %s, every line%s is taken once and in order, or counted, through rotation, truncation, removal, kill and restart",
  (place, _, joiner) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const directory = mkdtempSync(`${place}/chouette-tail-`);
        made.push(directory);
        const world = createWorld(directory, joiner);
        for (const it of steps) world.step(it);
        const { written, taken, gone, counted } = world.end();
        const arrived = new Set(taken);
        expect(taken).toEqual(written.filter((line) => arrived.has(line) || !gone.has(line)));
        expect(counted > 0).toBe(taken.length < written.length);
      }),
      { numRuns: 400 },
    );
  },
  60_000,
);
