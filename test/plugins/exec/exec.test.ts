import { afterAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PluginError } from "../../../src/errors.ts";
import { createIo } from "../../../src/io/io.ts";
import { createExecPlugin } from "../../../src/plugins/exec/exec.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { isGone } from "../../helpers/is-gone.ts";

const AT = 1_700_000_000.75;
const SECOND = 1_700_000_000;
const RUN_BY_HAND =
  "Run the command by hand as the agent does: sudo -u chouette env -i /bin/sh -c 'COMMAND'; it must end with code 0.";
const place = () => ({ container: false, user: "chouette", uid: 998 });
const machine: Io = { ...createIo({ root: "/" }), place };
const folder = mkdtempSync(join(tmpdir(), "exec-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the README's example", async () => {
  writeFileSync(join(folder, "1.jpg"), "holiday");
  writeFileSync(join(folder, "2.jpg"), "moon");
  const script = join(import.meta.dir, "..", "..", "fixtures", "own-plugins", "photos.sh");
  expect(await capture(`${script} ${folder}`)).toEqual({
    points: [
      { metric: "photos.waiting", tags: [], timestamp: SECOND, value: 2, type: "gauge" },
      { metric: "photos.bytes", tags: [], timestamp: SECOND, value: 11, type: "gauge" },
    ],
  });
});

test("the command is one for the shell, and blank lines are nothing", async () => {
  expect(await capture("n=3; echo; printf ' \\r\\n'; echo a:$n\\|c")).toEqual({
    points: [{ metric: "a", tags: [], timestamp: SECOND, value: 3, type: "count", interval: 30 }],
  });
});

test("printing nothing is not an error", async () => {
  expect(await capture("true")).toMatchObject({ points: [], reason: "the command printed nothing" });
});

test("the lines are taken from /bin/sh with the signal of the capture", async () => {
  const seen: unknown[] = [];
  const { signal } = new AbortController();
  const io = withLines(async function* (...given) {
    seen.push(given);
    yield "a:1|g";
  });
  await createExecPlugin("read-sensor --all", io, 30).collect(AT, signal);
  expect(seen).toEqual([[["/bin/sh", "-c", "read-sensor --all"], signal, 1024 * 1024]]);
});

describe("a command that fails", () => {
  test("fails with its stderr, and what it printed is dropped", async () => {
    expect(await refusal("echo a:1\\|g; echo sensor is not connected >&2; exit 3")).toEqual({
      message: "/bin/sh ended with code 3: sensor is not connected",
      remedy: RUN_BY_HAND,
    });
  });

  test("because there is no such program", async () => {
    const { message, remedy } = await refusal("/no/such/program");
    expect(message).toMatch(/^\/bin\/sh ended with code 127: .*\/no\/such\/program/);
    expect(remedy).toBe(RUN_BY_HAND);
  });

  test("because there is no shell", async () => {
    const io = withLines(async function* () {
      yield* [];
      throw new Error("cannot start /bin/sh: no such file");
    });
    expect(await refusal("true", io)).toEqual({
      message: "cannot start /bin/sh: no such file",
      remedy: RUN_BY_HAND,
    });
  });

  test("does not appear in the reason: it may contain a password", async () => {
    const { message, remedy } = await refusal("password=hunter2; exit 1");
    expect(message + remedy).not.toContain("hunter2");
  });
});

describe("a command without end", () => {
  const TOO_MUCH = {
    message: "the command printed more than 1 MiB and was stopped",
    remedy: "Print only the metrics, for instance: exec:COMMAND | head -n 100",
  };

  test.each([
    ["output", "yes a:1\\|g"],
    ["one line", "yes | tr -d '\\n'"],
    ["complaint", "yes >&2"],
  ])("of %s is stopped at 1 MiB", async (_, flood) => {
    const pid = join(folder, "flood.pid");
    expect(await refusal(`echo $$ > ${pid}; ${flood}`)).toEqual(TOO_MUCH);
    expect(await isGone(processOf(pid))).toBe(true);
  });

  test("and up to 1 MiB it is not", async () => {
    const of16Bytes = "yes 'a:1|c|#aaaaaaaa' | head -n";
    expect((await capture(`${of16Bytes} 65536`)).points.map(({ value }) => value)).toEqual([65_536]);
    expect(await refusal(`${of16Bytes} 65537`)).toEqual(TOO_MUCH);
  });

  test("in time is stopped with its children when the signal aborts", async () => {
    const pid = join(folder, "sleep.pid");
    const abort = new AbortController();
    const io = abortingAtFirstLine(abort);
    const command = `sleep 1000 & echo $! > ${pid}; echo a:1\\|g; wait`;
    expect(await refusal(command, io, abort.signal)).toEqual({
      message: expect.stringContaining("had not ended"),
      remedy: expect.stringContaining("exec:timeout 10 COMMAND"),
    });
    expect(await isGone(processOf(pid))).toBe(true);
  });

  test("and that ignores SIGTERM is gone once the plugin is closed", async () => {
    const pid = join(folder, "stubborn.pid");
    const abort = new AbortController();
    const stubborn = `trap "" TERM; echo $$ > ${pid}; echo; while :; do sleep 1; done`;
    const plugin = createExecPlugin(stubborn, abortingAtFirstLine(abort), 30);
    const capturing = plugin.collect(AT, abort.signal).catch(({ message }) => message);
    await once(abort.signal, "abort");
    await plugin.close?.();
    expect(await isGone(processOf(pid))).toBe(true);
    expect(await capturing).toMatch(/^the command had not ended/);
  });

  test("is not even started when the signal has aborted before", async () => {
    const file = join(folder, "started");
    expect((await refusal(`touch ${file}`, machine, AbortSignal.abort())).message).toMatch(
      /^the command had not ended/,
    );
    expect(existsSync(file)).toBe(false);
  });
});

function capture(command: string) {
  return createExecPlugin(command, machine, 30).collect(AT, new AbortController().signal);
}

async function refusal(command: string, io = machine, signal = new AbortController().signal) {
  const outcome = await createExecPlugin(command, io, 30)
    .collect(AT, signal)
    .catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PluginError);
  const { message, remedy } = outcome as PluginError;
  return { message, remedy };
}

function withLines(lines: Io["lines"]): Io {
  return { ...machine, lines };
}

function abortingAtFirstLine(abort: AbortController): Io {
  return withLines(async function* (command, signal) {
    for await (const line of machine.lines(command, signal)) {
      yield line;
      abort.abort();
    }
  });
}

/** The process whose number is in that file. */
function processOf(file: string): number {
  return Number(readFileSync(file, "utf8"));
}
