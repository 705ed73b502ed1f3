import { expect, test } from "bun:test";
import { v1 } from "../../../src/plugins/cgroups/v1.ts";
import { noSkip } from "../kernel/skipping.ts";
import { makeTree } from "./tree.ts";

test("the I/O of the groups below counts where the kernel tells it", () => {
  using tree = makeTree({ "/a/blkio.throttle.io_service_bytes": "8:0 Read 1\n8:0 Write 2\nTotal 3\n" });
  expect(v1.io?.read({ ...tree.io, skip: noSkip }, "/a")).toEqual(new Map([["8:0", { read: 1, write: 2 }]]));
  tree.write("/a/blkio.throttle.io_service_bytes_recursive", "8:0 Read 10\n8:0 Write 20\nTotal 30\n");
  expect(v1.io?.read({ ...tree.io, skip: noSkip }, "/a")).toEqual(
    new Map([["8:0", { read: 10, write: 20 }]]),
  );
});

test("kernels before 4.13 do not count what they killed for memory", () => {
  using tree = makeTree({ "/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n" });
  expect(v1.oom?.read({ ...tree.io, skip: noSkip }, "/a")).toBeUndefined();
  tree.write("/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  expect(v1.oom?.read({ ...tree.io, skip: noSkip }, "/a")).toBe(2);
});
