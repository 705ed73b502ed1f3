import { expect, test } from "bun:test";
import { findGroups } from "../../../src/plugins/cgroups/find-groups.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { makeTree } from "./tree.ts";

const OUTER = "a".repeat(64);
const INNER = "b".repeat(64);

async function pathsIn(...files: string[]) {
  using tree = makeTree(Object.fromEntries(files.map((file) => [`/cg/${file}`, ""])));
  const { groups, failures } = await findGroups(tree.io, ["/cg"]);
  expect(failures).toEqual([]);
  return [...groups.keys()];
}

test("slices are looked into and not taken, the kernel's files neither", async () => {
  expect(
    await pathsIn(
      "memory.stat",
      "tasks",
      "system.slice/memory.stat",
      "system.slice/a.service/memory.stat",
      "x.slice/x-y.slice/b.service/cpu.stat",
    ),
  ).toEqual(["system.slice/a.service", "x.slice/x-y.slice/b.service"]);
});

test("what runs inside a container or a service is part of it", async () => {
  expect(
    await pathsIn(
      `docker/${OUTER}/docker/${INNER}/memory.stat`,
      `docker/${OUTER}/init.scope/x`,
      "system.slice/systemd-nspawn@a.service/payload/system.slice/ssh.service/x",
    ),
  ).toEqual([`docker/${OUTER}`, "system.slice/systemd-nspawn@a.service"]);
});

test("a service that holds containers gives way to them", async () => {
  expect(
    await pathsIn(
      `system.slice/containerd.service/x.slice:cri-containerd:${INNER}/cpu.stat`,
      "system.slice/containerd.service/init/x",
      "system.slice/docker.service/cpu.stat",
    ),
  ).toEqual([
    `system.slice/containerd.service/x.slice:cri-containerd:${INNER}`,
    "system.slice/docker.service",
  ]);
});

test("groups of several hierarchies are joined", async () => {
  using tree = makeTree({
    "/memory/system.slice/a.service/x": "",
    "/cpu/system.slice/a.service/x": "",
    [`/cpu/docker/${OUTER}/x`]: "",
  });
  const { groups } = await findGroups(tree.io, ["/memory", "/cpu", "/memory"]);
  expect([...groups.keys()]).toEqual(["system.slice/a.service", `docker/${OUTER}`]);
});

test("a directory that may not be listed takes nothing from the others", async () => {
  using tree = makeTree({ "/cg/system.slice/a.service/x": "" });
  const io: Io = {
    ...tree.io,
    list: (path) =>
      path.endsWith("secret.slice")
        ? Promise.reject(new Error("permission denied"))
        : tree.io.list(path).then((names) => (path === "/cg" ? [...names, "secret.slice"] : names)),
  };
  const { groups, failures } = await findGroups(io, ["/cg"]);
  expect([[...groups.keys()], failures]).toEqual([
    ["system.slice/a.service"],
    [new Error("permission denied")],
  ]);
});

test("the kernel's files and units without services are not taken for directories to look into", async () => {
  using tree = makeTree({
    "/cg/memory.stat": "",
    "/cg/tasks": "",
    "/cg/init.scope/x": "",
    "/cg/dev-hugepages.mount/x": "",
    "/cg/system.slice/dbus.socket/x": "",
    "/cg/system.slice/dbus.service/x": "",
  });
  const listed = recordLists(tree.io);
  await findGroups(listed.io, ["/cg"]);
  expect(listed.paths).toEqual(["/cg", "/cg/system.slice"]);
});

test("a hierarchy without end is left at some depth", async () => {
  using tree = makeTree();
  const listed = recordLists({ ...tree.io, list: async () => ["deeper.slice"] });
  expect((await findGroups(listed.io, ["/cg"])).groups).toEqual(new Map());
  expect(listed.paths).toHaveLength(13);
});

function recordLists(io: Io): { io: Io; paths: string[] } {
  const paths: string[] = [];
  const list = (path: string) => {
    paths.push(path);
    return io.list(path);
  };
  return { io: { ...io, list }, paths };
}
