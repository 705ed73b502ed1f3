import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseContainerLogs, parsePodLogs } from "../../../src/containers/log-names.ts";
import { parseDockerConfig, parsePodmanContainers } from "../../../src/containers/runtime-files.ts";
import {
  type ContainerName,
  createContainerNames,
  SANDBOX,
} from "../../../src/plugins/cgroups/container-names.ts";
import type { Container, Runtime } from "../../../src/plugins/cgroups/identity.ts";
import { makeTree } from "./tree.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const UID = "90d81341-92de-11e7-8cf2-507b9d4141fa";
const container = (id: string, runtime: Runtime, podUid?: string, user?: string): Container => ({
  kind: "container",
  id,
  runtime,
  podUid,
  user,
});
const dockerConfig = (id: string) => `/var/lib/docker/containers/${id}/config.v2.json`;

test("Docker's containers by their files, each read once while it lives", async () => {
  using tree = makeTree({ [dockerConfig(A)]: '{"Name":"/web"}' });
  let reads = 0;
  const names = createContainerNames({
    ...tree.io,
    readText(path) {
      reads += 1;
      return tree.io.readText(path);
    },
  });
  const both = [container(A, "docker"), container(B, "docker")];
  const expected = new Map([
    [A, { container: "web" }],
    [B, {}],
  ]);
  expect(await names(both)).toEqual(expected);
  expect(reads).toBe(2);

  tree.write(dockerConfig(A), '{"Name":"/web-2"}');
  expect(await names(both)).toEqual(expected);
  expect(reads).toBe(2);

  // A name ends with its container.
  await names([]);
  expect(await names([container(A, "docker")])).toEqual(new Map([[A, { container: "web-2" }]]));
});

test("LXC's containers are called by their directory", async () => {
  using tree = makeTree();
  expect(await createContainerNames(tree.io)([container("web", "lxc")])).toEqual(
    new Map([["web", { container: "web" }]]),
  );
});

test("Podman's containers by its list", async () => {
  using tree = makeTree({
    "/var/lib/containers/storage/overlay-containers/containers.json": `[{"id":"${A}","names":["zigbee"]}]`,
  });
  const names = createContainerNames(tree.io);
  expect(await names([container(A, "podman"), container(B, "podman")])).toEqual(
    new Map([
      [A, { container: "zigbee" }],
      [B, {}],
    ]),
  );
});

test("containers of pods by their logs; a pod's container without a log is its sandbox", async () => {
  using tree = makeTree({ [`/var/log/containers/web-0_shop_nginx-${A}.log`]: "" });
  const names = createContainerNames(tree.io);
  expect(await names([container(A, "containerd", UID), container(B, "containerd", UID)])).toEqual(
    new Map<string, ContainerName | typeof SANDBOX>([
      [A, { container: "nginx", pod: "web-0", namespace: "shop" }],
      [B, SANDBOX],
    ]),
  );
  // A container that has just started gets its log a moment later.
  tree.write(`/var/log/containers/web-0_shop_php-${B}.log`, "");
  expect((await names([container(B, "containerd", UID)])).get(B)).toEqual({
    container: "php",
    pod: "web-0",
    namespace: "shop",
  });
});

test("without their logs pods have the names of their directories, or their uids", async () => {
  using tree = makeTree({ [`/var/log/pods/shop_web-0_${UID}/nginx/0.log`]: "" });
  const names = createContainerNames(tree.io);
  expect(await names([container(A, "cri-o", UID), container(B, "cri-o", "0")])).toEqual(
    new Map([
      [A, { pod: "web-0", namespace: "shop" }],
      [B, { pod: "0" }],
    ]),
  );
  tree.write(`/var/log/containers/web-0_shop_nginx-${A}.log`, "");
  expect((await names([container(A, "cri-o", UID)])).get(A)).toEqual({
    container: "nginx",
    pod: "web-0",
    namespace: "shop",
  });
});

test("unreadable files count as absent", async () => {
  const refuse = () => Promise.reject(new Error("permission denied"));
  using tree = makeTree();
  const names = createContainerNames({ ...tree.io, readText: refuse, list: refuse });
  const all = [container(A, "docker"), container(B, "podman"), container("c", "containerd", UID)];
  expect(await names(all)).toEqual(
    new Map([
      [A, {}],
      [B, {}],
      ["c", { pod: UID }],
    ]),
  );
});

test("names of logs", () => {
  expect(
    parseContainerLogs([
      `coredns-77ccd57875-x2b9p_kube-system_coredns-${A}.log`,
      `a_b_c-${A}`,
      `a_b-${A}.log`,
      "x.log",
    ]),
  ).toEqual(
    new Map([[A, { container: "coredns", pod: "coredns-77ccd57875-x2b9p", namespace: "kube-system" }]]),
  );
  expect(parsePodLogs([`shop_web-0_${UID}`, "web-0", "a_b_c_d"])).toEqual(
    new Map([[UID, { pod: "web-0", namespace: "shop" }]]),
  );
});

test.each<[string | undefined, string | undefined]>([
  ['{"ID":"5a","Name":"/web"}', "web"],
  ['{"Name":"web"}', "web"],
  ['{"Name":"/"}', undefined],
  ['{"Name":7}', undefined],
  ["null", undefined],
  ['{"Name":"/we', undefined],
  ["", undefined],
  [undefined, undefined],
])("config.v2.json: %p", (text, name) => {
  expect(parseDockerConfig(text)).toBe(name);
});

test("any text in the runtimes' files is tolerated", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const name = parseDockerConfig(text);
      expect(name === undefined || name.length > 0).toBe(true);
      for (const known of parsePodmanContainers(text).values()) expect(known).not.toBe("");
    }),
  );
});
