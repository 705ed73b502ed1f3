import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIo } from "../../src/io/io.ts";
import { parseRedisUrl } from "../../src/redis/address.ts";

test("files and mounts are those below the root", async () => {
  const root = mkdtempSync(join(tmpdir(), "chouette-root-"));
  mkdirSync(join(root, "proc"));
  writeFileSync(join(root, "proc/uptime"), "1146.73 2242.41\n");
  const io = createIo({ root });
  expect(await io.readText("/proc/uptime")).toBe("1146.73 2242.41\n");
  expect(await io.list("/")).toEqual(["proc"]);
  expect(await io.diskUsage("/proc")).toMatchObject({ inodes: statfsSync(root).files });
  expect(await io.diskUsage("/sys")).toBeUndefined();
  rmSync(root, { recursive: true });
});

test("hash sizes need a Redis in the configuration", async () => {
  const { signal } = new AbortController();
  await expect(createIo({ root: "/" }).hashSizes("*", signal)).rejects.toThrow(
    "no Redis is configured: set REDIS_HOST or REDIS_URL",
  );
  await expect(
    createIo({ root: "/", redis: parseRedisUrl("unix:///no/such.sock") }).hashSizes("*", signal),
  ).rejects.toThrow("Redis at unix:///no/such.sock is not running");
});
