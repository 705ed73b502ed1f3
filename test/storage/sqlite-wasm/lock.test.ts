import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { processOwner } from "../../../src/io/process-owner.ts";
import { createFileLock } from "../../../src/storage/sqlite-wasm/lock.ts";
import { wasmBundle } from "../../helpers/wasm-bundle.ts";

// A compiled SQLite on a machine that does other things, too.
setDefaultTimeout(60_000);

const PROGRAM = join(import.meta.dir, "../programs/hold-lock.ts");
const FAST = { patience: 200, lifetime: 1000, keepEvery: 0, watch: 50 };

let dir: string;
let path: string;
let children: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chouette-lock-"));
  path = join(dir, "a.db");
  writeFileSync(path, "", { mode: 0o600 });
  children = [];
});
afterEach(async () => {
  await Promise.all(
    children.map((child) => {
      child.kill("SIGKILL");
      return child.exitCode ?? child.signalCode ?? once(child, "exit");
    }),
  );
  rmSync(dir, { recursive: true });
});

const entries = () => readdirSync(`${path}-lock`).sort();

/** Puts the token under another name, as if this owner had it. */
const heldBy = (owner: string) => {
  const lock = createFileLock(path);
  lock.take();
  lock.give();
  renameSync(join(`${path}-lock`, "free"), join(`${path}-lock`, `7,${encodeURIComponent(owner)}`));
};

/** Another process that has taken the lock; it says so, and gives it back at SIGTERM. */
async function holder(): Promise<ChildProcess> {
  const child = spawn("node", [await wasmBundle(PROGRAM, "esm"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  expect(value).toBe("taken");
  return child;
}

describe("a lock", () => {
  test("is one file in its own directory, as private as the database", () => {
    const lock = createFileLock(path);
    expect(lock.take()).toBe(true);
    expect(entries()).toEqual([expect.stringMatching(new RegExp(`^\\d+,${process.pid}%2F\\d+%2Fpid%3A%5B`))]);
    lock.give();
    expect(entries()).toEqual(["free"]);
    expect(readdirSync(dir).sort()).toEqual(["a.db", "a.db-lock"]);
  });

  test("is exclusive within this process, which does not wait for itself", () => {
    const [one, other] = [createFileLock(path), createFileLock(path)];
    expect([one.take(), other.take()]).toEqual([true, false]);
    one.give();
    expect([other.take(), one.take()]).toEqual([true, false]);
    other.give();
    expect(entries()).toEqual(["free"]);
  });

  test("of a living process is waited for, in bounded time and without load", async () => {
    await holder();
    const lock = createFileLock(path, { patience: 500 });
    const begin = { cpu: process.cpuUsage(), at: performance.now() };
    expect(lock.take()).toBe(false);
    const waited = performance.now() - begin.at;
    const { user, system } = process.cpuUsage(begin.cpu);
    expect(waited).toBeGreaterThanOrEqual(499);
    expect((user + system) / 1000).toBeLessThan(waited / 2);
    expect(entries()).toHaveLength(1);
  });

  test("is acquired as soon as it is released", async () => {
    const child = await holder();
    child.kill("SIGTERM");
    const lock = createFileLock(path, { patience: 20_000 });
    expect(lock.take()).toBe(true);
    lock.give();
    expect(entries()).toEqual(["free"]);
  });

  test("of a killed process is acquired at once", async () => {
    const child = await holder();
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = createFileLock(path, { patience: 0 });
    expect(lock.take()).toBe(true);
    lock.give();
  });

  test("of a stopped process is not", async () => {
    const child = await holder();
    child.kill("SIGSTOP");
    expect(createFileLock(path, FAST).take()).toBe(false);
  });
});

describe("a leftover lock of", () => {
  const [, , namespace, boot] = processOwner().split("/");

  test.each([
    [
      "an earlier boot, whose pids are used again",
      `${process.pid}/1/${namespace}/5c7f0000-0000-4000-8000-000000000000/pi`,
    ],
    ["another process that had our pid", `${process.pid}/1/${namespace}/${boot}/pi`],
    ["a process that is gone", `4194305/1/${namespace}/${boot}/pi`],
  ])("%s can be acquired", (_, owner) => {
    heldBy(owner);
    const lock = createFileLock(path, { patience: 0 });
    expect(lock.take()).toBe(true);
    lock.give();
    expect(entries()).toEqual(["free"]);
  });

  test.each([
    ["a process of another container", `1/1/pid:[1]/${boot}/pi`],
    ["somebody who has not said who he is", "1//undefined//pi"],
  ])("%s can be acquired after its lifetime", (_, owner) => {
    heldBy(owner);
    expect(createFileLock(path, { ...FAST, lifetime: 60_000 }).take()).toBe(false);
    expect(createFileLock(path, { ...FAST, lifetime: 0, watch: 60_000 }).take()).toBe(false);
    const lock = createFileLock(path, { ...FAST, patience: 10_000 });
    expect(lock.take()).toBe(true);
    lock.give();
    expect(entries()).toEqual(["free"]);
  });

  test("a holder that was taken for gone notices", () => {
    const lock = createFileLock(path, FAST);
    lock.take();
    expect(lock.keep()).toBe(true);
    const [name = ""] = entries();
    renameSync(join(`${path}-lock`, name), join(`${path}-lock`, "8,1%2F1%2Fpid%3A%5B1%5D%2Fx%2Fy"));
    expect(lock.keep()).toBe(false);
    lock.give();
    expect(entries()).toEqual(["8,1%2F1%2Fpid%3A%5B1%5D%2Fx%2Fy"]);
  });

  test("files of killed waiters are removed", () => {
    const lock = createFileLock(path);
    lock.take();
    writeFileSync(
      join(`${path}-lock`, `waits,7,${encodeURIComponent(`4194305/1/${namespace}/${boot}/pi`)}`),
      "",
    );
    lock.give();
    expect(entries()).toEqual(["free"]);
  });

  test("a directory without a token, as a power cut may leave it, gets one", () => {
    mkdirSync(`${path}-lock`);
    const lock = createFileLock(path);
    expect(lock.take()).toBe(true);
    lock.give();
    expect(entries()).toEqual(["free"]);
  });
});

test("several processes that acquire the lock of a killed one never hold it at the same time", async () => {
  heldBy("4194305/1/x//pi".replace("x/", processOwner().split("/").slice(2, 4).join("/")));
  const counter = join(dir, "counter");
  writeFileSync(counter, "0");
  const program = await wasmBundle(PROGRAM, "esm");
  const counting = Array.from({ length: 4 }, () =>
    spawn("node", [program, path, counter, "200"], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  children.push(...counting);
  for (const [code] of await Promise.all(counting.map((child) => once(child, "exit")))) expect(code).toBe(0);
  expect(readFileSync(counter, "utf8")).toBe("800");
  expect(entries()).toEqual(["free"]);
});
