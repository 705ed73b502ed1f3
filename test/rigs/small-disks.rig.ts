import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkTotals, moreCaptures, numberedCaptures, times } from "../e2e/numbered-captures.ts";
import { cleanUp } from "../e2e/stage.ts";
import { startAgent } from "../helpers/agent.ts";

/** State directories on small file systems of their own that fill up, become read-only, or have no inodes. As root. */
setDefaultTimeout(60_000);

const directory = mkdtempSync(join(tmpdir(), "chouette-disks-"));

/** Removes everything when its input ends: after the tests, and also when their process is killed. */
const REMOVE =
  'cat >/dev/null; for disk in "$0"/*/; do umount -l "$disk"; done; rm -r --one-file-system "$0"';
const remover = spawn("sh", ["-c", REMOVE, directory], {
  detached: true,
  stdio: ["pipe", "ignore", "inherit"],
});

// The tests run side by side: they mostly wait for the next second.
afterAll(async () => {
  await cleanUp();
  remover.stdin.end();
  await once(remover, "close");
  expect([remover.exitCode, existsSync(directory)]).toEqual([0, false]);
});

function mount(name: string, ...words: string[]): string {
  const disk = join(directory, name);
  mkdirSync(disk);
  execFileSync("mount", [...words, disk]);
  return disk;
}

const tmpfs = (name: string) => mount(name, "-t", "tmpfs", "-o", "size=1m", "tmpfs");

/** An ext4 of 16 MB on a loop device, which goes with the mount. */
function ext4(name: string, ...options: string[]): string {
  const image = join(directory, `${name}.img`);
  writeFileSync(image, "");
  truncateSync(image, 16_000_000);
  execFileSync("mkfs.ext4", ["-q", "-m", "0", ...options, image]);
  return mount(name, "-o", "loop", image);
}

/** Fills it in ever smaller steps: an ext4 keeps some of the space that it calls available. */
function fill(disk: string): void {
  for (const step of [1_000_000, 4096, 512])
    untilFull(() => appendFileSync(join(disk, "ballast"), Buffer.alloc(step)));
}

function useInodes(disk: string): void {
  let file = 0;
  untilFull(() => writeFileSync(join(disk, `empty-${file++}`), ""));
}

function untilFull(write: () => void): void {
  try {
    for (;;) write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

/** As after an error of its device: a file that is open for writing forbids a plain `remount,ro`. */
const makeReadOnly = (disk: string) => execFileSync("mount", ["-o", "remount,errors=remount-ro,abort", disk]);

test.concurrent.each([
  ["a tmpfs that is full", tmpfs, fill],
  ["an ext4 that is full", ext4, fill],
  ["an ext4 that became read-only", ext4, makeReadOnly],
] as const)(
  "%s in an outage costs nothing: it is logged once, and what waits goes out after a start on it",
  async (name, make, spoil) => {
    const disk = make(name.replaceAll(" ", "-"));
    const stage = await numberedCaptures({ CHOUETTE_STATE_DIR: join(disk, "state") });
    const first = await startAgent(["run"], stage.env);
    await moreCaptures(stage, first, 2);
    spoil(disk);
    stage.intake.respond(() => ({ status: 503 }));
    await first.logged("the card fails, records wait in RAM");
    first.kill("SIGTERM");
    const { code, stderr } = await first.ended;
    expect([code, times(stderr, "the card fails")]).toEqual([0, 1]);

    stage.intake.respond(() => undefined);
    const second = await startAgent(["run"], stage.env);
    await moreCaptures(stage, second, 4);
    second.kill("SIGTERM");
    const ended = await second.ended;
    expect([ended.code, times(ended.stderr, "the card fails")]).toEqual([0, 1]);
    checkTotals(stage);
  },
);

test.concurrent.each([
  ["a new state directory", false],
  ["a database", true],
])("an ext4 without free inodes and with %s stops neither capture nor delivery", async (name, used) => {
  const disk = ext4(name.replaceAll(" ", "-"), "-N", "16");
  const stage = await numberedCaptures({ CHOUETTE_STATE_DIR: join(disk, "state") });
  if (used) {
    const before = await startAgent(["run"], stage.env);
    await moreCaptures(stage, before, 1);
    before.kill("SIGTERM");
    await before.ended;
  }
  useInodes(disk);
  const agent = await startAgent(["run"], stage.env);
  await moreCaptures(stage, agent, 2);
  agent.kill("SIGTERM");
  const { code, stderr } = await agent.ended;
  expect([code, times(stderr, "the card fails")]).toEqual([0, 1]);
  checkTotals(stage);
});
