import { expect, test } from "bun:test";
import { statfsSync } from "node:fs";
import { createDiskUsage, type StatFs } from "../../src/io/disk-usage.ts";

const SD_CARD: StatFs = {
  bsize: 4096,
  frsize: 4096,
  blocks: 1000,
  bfree: 400,
  bavail: 350,
  files: 640,
  ffree: 600,
};
const ROOM = { total: 4_096_000, used: 2_457_600, free: 1_433_600, inodes: 640, inodesFree: 600 };

test("the machine's root has the size that statfs reports", async () => {
  const { blocks, bsize, files } = statfsSync("/");
  expect(await createDiskUsage("/")("/")).toMatchObject({ total: blocks * bsize, inodes: files });
});

test("paths are below the root, and space for ordinary users differs from free space", async () => {
  const asked: string[] = [];
  const diskUsage = createDiskUsage("/host", async (path) => {
    asked.push(path);
    return SD_CARD;
  });
  expect(await diskUsage("/")).toEqual(ROOM);
  expect(await diskUsage("/boot")).toEqual(ROOM);
  expect(asked).toEqual(["/host/", "/host/boot"]);
});

test("blocks are counted in frsize, or in bsize where the runtime has no frsize", async () => {
  const { frsize, ...older } = SD_CARD;
  expect(await createDiskUsage("/", async () => ({ ...SD_CARD, bsize: 1_048_576 }))("/")).toEqual(ROOM);
  expect(await createDiskUsage("/", async () => older)("/")).toEqual(ROOM);
});

test("a missing mount is undefined", async () => {
  expect(await createDiskUsage("/")("/no/such/mount")).toBeUndefined();
});

test("a hung mount is undefined after the deadline, and is queried again only once it has answered", async () => {
  const hung = Promise.withResolvers<StatFs>();
  const asked: string[] = [];
  const answers: Record<string, Promise<StatFs>[]> = {
    "/mnt/nas": [hung.promise, Promise.resolve(SD_CARD)],
    "/": [Promise.resolve(SD_CARD)],
  };
  const diskUsage = createDiskUsage(
    "/",
    (path) => {
      asked.push(path);
      return answers[path]?.shift() ?? Promise.reject(new Error(`asked too often: ${path}`));
    },
    1,
  );

  expect(await diskUsage("/mnt/nas")).toBeUndefined();
  expect(await diskUsage("/mnt/nas")).toBeUndefined();
  expect(await diskUsage("/")).toEqual(ROOM);
  expect(asked).toEqual(["/mnt/nas", "/"]);

  hung.resolve(SD_CARD);
  await hung.promise;
  await Promise.resolve();
  expect(await diskUsage("/mnt/nas")).toEqual(ROOM);
  expect(asked).toEqual(["/mnt/nas", "/", "/mnt/nas"]);
});

test("a hung mount that finally fails is queried again", async () => {
  const hung = Promise.withResolvers<StatFs>();
  const answers = [hung.promise, Promise.resolve(SD_CARD)];
  const diskUsage = createDiskUsage(
    "/",
    () => answers.shift() ?? Promise.reject(new Error("asked too often")),
    1,
  );
  expect(await diskUsage("/mnt/nas")).toBeUndefined();
  hung.reject(new Error("stale file handle"));
  await hung.promise.catch(() => undefined);
  await Promise.resolve();
  expect(await diskUsage("/mnt/nas")).toEqual(ROOM);
});

test("concurrent queries of one mount share one call", async () => {
  const answer = Promise.withResolvers<StatFs>();
  let calls = 0;
  const diskUsage = createDiskUsage("/", () => {
    calls += 1;
    return answer.promise;
  });
  const both = Promise.all([diskUsage("/"), diskUsage("/")]);
  answer.resolve(SD_CARD);
  expect(await both).toEqual([ROOM, ROOM]);
  expect(calls).toBe(1);
});
