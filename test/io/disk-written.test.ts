import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesWritten } from "../../src/io/disk-written.ts";

test("counts what this process writes to disks, and not what it writes to RAM", () => {
  const before = bytesWritten() ?? Number.NaN;
  writeFileSync(`/dev/shm/chouette-written-${process.pid}`, new Uint8Array(3_000_000));
  Bun.spawnSync(["rm", `/dev/shm/chouette-written-${process.pid}`]);
  expect((bytesWritten() ?? Number.NaN) - before).toBeLessThan(3_000_000);
  expect(before).toBeGreaterThanOrEqual(0);
});

test("is not known without the kernel's count", () => {
  expect(bytesWritten("/nowhere/io")).toBeUndefined();
  expect(bytesWritten(join(import.meta.dir, "disk-written.test.ts"))).toBeUndefined();
});
