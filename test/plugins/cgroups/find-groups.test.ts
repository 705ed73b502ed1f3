import { expect, test } from "bun:test";
import { findGroups } from "../../../src/plugins/cgroups/find-groups.ts";
import type { Io } from "../../../src/plugins/plugin.ts";
import { makeTree } from "./tree.ts";

const OUTER = "a".repeat(64);
const INNER = "b".repeat(64);
const UID = "90d81341-92de-11e7-8cf2-507b9d4141fa";

async function pathsIn(...files: string[]) {
  using tree = makeTree(Object.fromEntries(files.map((file) => [`/cg/${file}`, ""])));
  const { groups, failures } = findGroups(tree.io, ["/cg"]);
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

test.each([
  ["k3s", `system.slice/k3s.service/kubepods/besteffort/pod${UID}/${INNER}`],
  ["rke2", `system.slice/rke2-server.service/kubepods/pod${UID}/${INNER}`],
  ["microk8s", `system.slice/snap.microk8s.daemon-kubelite.service/kubepods/burstable/pod${UID}/${INNER}`],
  [
    "k0s",
    `system.slice/k0scontroller.service/kubepods.slice/kubepods-pod${UID}.slice/cri-containerd-${INNER}.scope`,
  ],
  ["a daemon that nobody knows", `system.slice/edge.service/a/b/pod${UID}/${INNER}`],
  ["a quadlet of Podman", `system.slice/web.service/libpod-payload-${INNER}`],
  [
    "a quadlet of rootless Podman",
    `user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-${INNER}`,
  ],
  ["rootless Podman", `user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${INNER}.scope`],
  ["a session", `user.slice/user-1000.slice/session-3.scope/libpod_parent/libpod-${INNER}`],
  ["a scope of systemd-run", `system.slice/run-u5.scope/docker/${INNER}`],
])("the container of %s is found", async (_, path) => {
  expect(await pathsIn(`${path}/memory.stat`, "system.slice/ssh.service/x")).toEqual(
    [path, "system.slice/ssh.service"].sort((a, b) => Number(a > b) - Number(a < b)),
  );
});

test("a container of LXC is one group, and what runs in it belongs to it", async () => {
  expect(
    await pathsIn(
      "lxc/101/ns/system.slice/ssh.service/memory.stat",
      `lxc/101/ns/docker/${INNER}/memory.stat`,
      "lxc/memory.stat",
      "lxc.monitor/101/memory.stat",
      "system.slice/ssh.service/memory.stat",
    ),
  ).toEqual(["lxc/101", "system.slice/ssh.service"]);
});

test("a service with a systemd of its own is one group, whatever runs in it", async () => {
  expect(
    await pathsIn(
      `system.slice/nspawn-like.service/payload/system.slice/docker-${INNER}.scope/x`,
      "system.slice/nspawn-like.service/payload/init.scope/x",
      `machine.slice/machine-web.scope/docker/${INNER}/x`,
    ),
  ).toEqual(["system.slice/nspawn-like.service"]);
});

test("groups of several hierarchies are joined", async () => {
  using tree = makeTree({
    "/memory/system.slice/a.service/x": "",
    "/cpu/system.slice/a.service/x": "",
    [`/cpu/docker/${OUTER}/x`]: "",
  });
  const { groups } = findGroups(tree.io, ["/memory", "/cpu", "/memory"]);
  expect([...groups.keys()]).toEqual(["system.slice/a.service", `docker/${OUTER}`]);
});

test("a directory that cannot be listed affects no other", async () => {
  using tree = makeTree({ "/cg/system.slice/a.service/x": "" });
  const io: Io = {
    ...tree.io,
    isLeafSync: () => false,
    listSync: (path) => {
      if (path.endsWith("secret.slice")) throw new Error("permission denied");
      const names = tree.io.listSync(path);
      return path === "/cg" ? [...names, "secret.slice"] : names;
    },
  };
  const { groups, failures } = findGroups(io, ["/cg"]);
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
  findGroups(listed.io, ["/cg"]);
  expect(listed.paths).toEqual(["/cg", "/cg/system.slice"]);
});

test("a hierarchy without end is left at some depth", async () => {
  using tree = makeTree();
  const listed = recordLists({ ...tree.io, isLeafSync: () => false, listSync: () => ["deeper.slice"] });
  expect(findGroups(listed.io, ["/cg"]).groups).toEqual(new Map());
  expect(listed.paths).toHaveLength(13);
});

function recordLists(io: Io): { io: Io; paths: string[] } {
  const paths: string[] = [];
  const listSync = (path: string) => {
    paths.push(path);
    return io.listSync(path);
  };
  return { io: { ...io, listSync }, paths };
}
