import { expect, test } from "bun:test";
import { createContainerNames } from "../../../src/plugins/cgroups/container-names.ts";
import { findGroups } from "../../../src/plugins/cgroups/find-groups.ts";
import { nameGroups } from "../../../src/plugins/cgroups/group.ts";
import { makeTree } from "./tree.ts";

const ID = "a".repeat(64);
const USER = "user.slice/user-1000.slice/user@1000.service";

/** Tags of the groups at these paths, by path. Docker calls container ID `web`. */
async function tagsOf(...paths: string[]): Promise<Record<string, readonly string[]>> {
  using tree = makeTree(Object.fromEntries(paths.map((path) => [`/cg/${path}/memory.stat`, ""])));
  tree.write(`/var/lib/docker/containers/${ID}/config.v2.json`, '{"Name":"/web"}');
  const { groups } = findGroups(tree.io, ["/cg"]);
  const named = await nameGroups(groups, createContainerNames(tree.io));
  return Object.fromEntries(named.map(({ path, tags }) => [path, tags]));
}

test("a scope below a user's slice that claims the id of a container does not add to it", async () => {
  expect(await tagsOf(`system.slice/docker-${ID}.scope`, `${USER}/app.slice/docker-${ID}.scope`)).toEqual({
    [`system.slice/docker-${ID}.scope`]: ["container:web"],
  });
});

test("a claim to a container that has stopped does not get its name", async () => {
  expect(await tagsOf(`${USER}/app.slice/docker-${ID}.scope`)).toEqual({
    [`${USER}/app.slice/docker-${ID}.scope`]: [`container:${ID.slice(0, 12)}`],
  });
});

test("a scope whose id begins as that of a container does not add to it", async () => {
  const alike = ID.slice(0, 12) + "b".repeat(52);
  expect(await tagsOf(`docker/${"c".repeat(64)}`, `crio-${ID}`, `${USER}/libpod-${alike}.scope`)).toEqual({
    [`docker/${"c".repeat(64)}`]: ["container:cccccccccccc"],
    [`crio-${ID}`]: ["container:web"],
    [`${USER}/libpod-${alike}.scope`]: ["container:aaaaaaaaaaaa"],
  });
  expect(await tagsOf(`libpod-${ID}`, `${USER}/libpod-${alike}.scope`)).toEqual({
    [`libpod-${ID}`]: ["container:aaaaaaaaaaaa"],
  });
});

test("the first of two users that claim one id counts", async () => {
  const other = USER.replaceAll("1000", "1001");
  expect(await tagsOf(`${USER}/libpod-${ID}.scope`, `${other}/libpod-${ID}.scope`)).toEqual({
    [`${USER}/libpod-${ID}.scope`]: ["container:aaaaaaaaaaaa"],
  });
});

test("a rootless quadlet and a rootless container are both there", async () => {
  const quadlet = `${USER}/app.slice/web.service/libpod-payload-${"b".repeat(64)}`;
  expect(await tagsOf(quadlet, `${USER}/user.slice/libpod-${ID}.scope`)).toEqual({
    [quadlet]: ["container:bbbbbbbbbbbb"],
    [`${USER}/user.slice/libpod-${ID}.scope`]: ["container:aaaaaaaaaaaa"],
  });
});
