import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killPrograms, lines } from "../../src/io/lines.ts";
import { isGone, stateOf } from "../helpers/is-gone.ts";

const never = new AbortController().signal;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chouette-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A shell script of the given body; its path. */
function program(name: string, body: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode });
  return path;
}

async function all(source: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of source) found.push(line);
  return found;
}

describe("a program that ends", () => {
  test("gives its lines, the last one with or without a line feed, and empty ones", async () => {
    expect(await all(lines([program("words", "printf 'a\\n\\nb°\\nc'")], never))).toEqual([
      "a",
      "",
      "b°",
      "c",
    ]);
    expect(await all(lines(["/bin/true"], never))).toEqual([]);
  });

  test("gets its arguments unchanged, without a shell", async () => {
    expect(await all(lines(["/bin/echo", "--interval", "$HOME; *"], never))).toEqual(["--interval $HOME; *"]);
  });

  test("is found along the PATH", async () => {
    expect(await all(lines(["echo", "found"], never))).toEqual(["found"]);
  });

  test("does not see the agent's environment", async () => {
    process.env.DD_API_KEY = "a secret";
    const seen = await all(lines(["/usr/bin/env"], never)).finally(() => delete process.env.DD_API_KEY);
    expect(seen.map((line) => line.replace(/=.*/, "")).sort()).toEqual(["LC_ALL", "PATH"]);
  });

  test("a line of more than 64 KiB is cut, the next one is whole", async () => {
    const [first, second, ...more] = await all(
      lines([program("long", "head -c 200000 /dev/zero | tr '\\0' x; echo; echo next")], never),
    );
    expect([first?.length, second, more]).toEqual([65536, "next", []]);
  });

  test("rejects with the end of its stderr, after its lines, when its exit code is not 0", async () => {
    const path = program(
      "broken",
      "echo line; head -c 5000 /dev/zero | tr '\\0' x >&2; echo ' no such sensor' >&2; exit 3",
    );
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of lines([path], never)) seen.push(line);
    })();
    await expect(reading).rejects.toThrow(
      new Error(`${path} ended with code 3: ${"x".repeat(1024 - " no such sensor\n".length)} no such sensor`),
    );
    expect(seen).toEqual(["line"]);
  });

  test("rejects with the name of the signal that ended it", async () => {
    const path = program("suicide", "kill -SEGV $$");
    await expect(all(lines([path], never))).rejects.toThrow(new Error(`${path} ended with SIGSEGV`));
  });
});

describe("a program that cannot be started", () => {
  test.each([
    ["is not there", () => join(folder, "none"), "no such file"],
    ["may not be run", () => program("locked", "", 0o644), "permission denied"],
    ["is a directory", () => folder, "permission denied"],
  ])("%s", async (_, path, words) => {
    await expect(all(lines([path()], never))).rejects.toThrow(new Error(`cannot start ${path()}: ${words}`));
  });

  test("is for another machine", async () => {
    const path = join(folder, "foreign");
    writeFileSync(path, "\x7fELF of another machine", { mode: 0o755 });
    await expect(all(lines([path], never))).rejects.toThrow(path);
  });
});

describe("a program that never ends", () => {
  /** Prints its own process id and that of a child that outlives it, then endless numbers. */
  const ENDLESS = "sleep 1000 & echo $$ $!; n=0; while :; do n=$((n+1)); echo $n; done";

  test("is killed with its children when the loop is left", async () => {
    let pids: number[] = [];
    for await (const line of lines([program("endless", ENDLESS)], never)) {
      pids = line.split(" ").map(Number);
      break;
    }
    expect(await Promise.all(pids.map(async (pid) => [pid > 1, await isGone(pid)]))).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test("is killed when the loop is left by an error", async () => {
    let pid = 0;
    const reading = (async () => {
      for await (const line of lines([program("endless", ENDLESS)], never)) {
        pid = Number.parseInt(line, 10);
        throw new Error("cannot read the line");
      }
    })();
    await expect(reading).rejects.toThrow("cannot read the line");
    expect([pid > 1, await isGone(pid)]).toEqual([true, true]);
  });

  test("is killed when the signal aborts, and the loop ends without an error", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const line of lines([program("silent", "echo $$; exec sleep 1000")], stop.signal)) {
      seen.push(line);
      queueMicrotask(() => stop.abort());
    }
    expect(await Promise.all(seen.map(Number).map(isGone))).toEqual([true]);
  });

  test("is killed when the signal aborts, even while its lines are not read", async () => {
    const stop = new AbortController();
    const source = lines([program("endless", ENDLESS)], stop.signal);
    const first = await source.next();
    const pid = Number.parseInt(String(first.value), 10);
    stop.abort();
    await source.return(undefined);
    expect([pid > 1, await isGone(pid)]).toEqual([true, true]);
  });

  test("is killed after two seconds when it ignores SIGTERM", async () => {
    let pid = 0;
    for await (const line of lines(
      [program("stubborn", "trap '' TERM; echo $$; while :; do sleep 1000; done")],
      never,
    )) {
      pid = Number(line);
      break;
    }
    expect([pid > 1, await isGone(pid)]).toEqual([true, true]);
  });

  test("waits while its lines are not read, and loses none", async () => {
    const source = lines([program("endless", ENDLESS)], never);
    const pid = Number.parseInt(String((await source.next()).value), 10);
    // The shell sleeps only on a full pipe; a reader that took more would wake it within a turn of the event loop.
    for (let asleep = 0; asleep < 100; asleep = stateOf(pid).startsWith("S") ? asleep + 1 : 0)
      await new Promise(setImmediate);
    for (let n = 1; n <= 50_000; n += 1) expect((await source.next()).value).toBe(String(n));
    await source.return(undefined);
  });
});

describe("a program that prints more than it may", () => {
  test.each([
    ["lines", "yes"],
    ["without a line feed", "yes | tr -d '\\n'"],
    ["to stderr", "yes >&2"],
  ])("%s is ended, with that reason", async (name, flood) => {
    const pid = join(folder, "flood.pid");
    const path = program(name.replaceAll(" ", "-"), `echo $$ >${pid}; ${flood}`);
    await expect(all(lines([path], never, 100_000))).rejects.toThrow(
      new RangeError(`${path} printed more than 100000 bytes`),
    );
    expect(await isGone(Number(readFileSync(pid, "utf8")))).toBe(true);
  });

  test("one that prints exactly that much is not ended", async () => {
    const path = program("measured", "printf 12345; printf 12345 >&2");
    expect(await all(lines([path], never, 10))).toEqual(["12345"]);
    await expect(all(lines([path], never, 9))).rejects.toThrow(RangeError);
  });
});

describe("when the agent ends", () => {
  test("programs that still run are killed at once", async () => {
    const source = lines([program("orphan", "trap '' TERM; echo $$; while :; do sleep 1000; done")], never);
    const pid = Number((await source.next()).value);
    killPrograms();
    expect([pid > 1, await isGone(pid)]).toEqual([true, true]);
    await expect(source.next()).rejects.toThrow("ended with SIGKILL");
  });
});

test("a signal that aborts while the program starts ends it", async () => {
  const stop = new AbortController();
  const reading = all(lines(["/bin/sleep", "1000"], stop.signal));
  stop.abort();
  expect(await reading).toEqual([]);
});

test("a signal that is aborted already starts nothing", async () => {
  const mark = join(folder, "started");
  expect(await all(lines([program("marks", `echo >${mark}`)], AbortSignal.abort()))).toEqual([]);
  expect(existsSync(mark)).toBe(false);
});
