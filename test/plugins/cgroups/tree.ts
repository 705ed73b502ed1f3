import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createIo } from "../../../src/io/io.ts";
import type { Io } from "../../../src/plugins/plugin.ts";

/** A device made of files in a temporary directory, read by the real `Io`. */
export type Tree = Disposable & {
  io: Io;
  write(path: string, text: string): void;
  remove(path: string): void;
};

export function makeTree(files: Readonly<Record<string, string>> = {}): Tree {
  const root = mkdtempSync(join(tmpdir(), "chouette-cgroups-"));
  const tree: Tree = {
    io: createIo({ root }),
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}

/** A device with cgroup v2 and these groups: paths below the hierarchy with their working sets in bytes. */
export function makeV2(groups: Readonly<Record<string, number>>): Tree {
  const tree = makeTree({
    "/proc/1/mountinfo": "30 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
    "/proc/uptime": "100.00 200.00\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpu io memory pids\n",
  });
  for (const [path, bytes] of Object.entries(groups)) {
    tree.write(`/sys/fs/cgroup/${path}/memory.current`, `${bytes}\n`);
    tree.write(`/sys/fs/cgroup/${path}/memory.stat`, "anon 0\ninactive_file 0\n");
    tree.write(`/sys/fs/cgroup/${path}/cpu.stat`, "usage_usec 1000\n");
  }
  return tree;
}
