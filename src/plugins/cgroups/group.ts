import { type ContainerName, type ContainerNames, SANDBOX } from "./container-names.ts";
import { globMatches } from "./glob.ts";
import type { Identity } from "./identity.ts";

/** A group to measure, and the tags that say what a person would call it. */
export type Group = { path: string; identity: Identity; tags: readonly string[] };

export type Filter = {
  /** Globs; empty: everything but what belongs to a user's session. */
  include: readonly string[];
  exclude: readonly string[];
};

/** Returns the found groups with their tags, without the sandboxes of pods and without what only claims to be a container. */
export async function nameGroups(
  found: ReadonlyMap<string, Identity>,
  nameContainers: ContainerNames,
): Promise<Group[]> {
  // Users call their groups what they like; the names that can be looked up are those of the system's containers.
  const containers = [...found.values()].filter((identity) => identity.kind === "container");
  const names = await nameContainers(containers.filter(({ user }) => user === undefined));
  const nameOf = (identity: Identity) => {
    if (identity.kind !== "container") return undefined;
    if (identity.runtime === "lxc") return { container: identity.id };
    return identity.user === undefined ? names.get(identity.id) : undefined;
  };
  const named = [...found].flatMap(([path, identity]) => {
    const name = nameOf(identity);
    return name === SANDBOX ? [] : [{ path, identity, tags: tagsOf(identity, name) }];
  });
  const claims = falseClaims(named);
  return named.filter((group) => !claims.has(group));
}

/**
 * Finds the groups below users' slices with the id or the tags of a container that is elsewhere: any user can make a scope called
 * `docker-<id of a container>.scope`, and it would be summed with the container.
 */
function falseClaims(groups: readonly Group[]): ReadonlySet<Group> {
  const containers = groups.filter(({ identity }) => identity.kind === "container");
  const isOfUser = ({ identity }: Group) => identity.user !== undefined;
  const genuineFirst = [...containers.filter((group) => !isOfUser(group)), ...containers.filter(isOfUser)];
  const taken = new Set<string>();
  const claims = new Set<Group>();
  for (const group of genuineFirst) {
    const marks = [group.identity.kind === "container" ? group.identity.id : "", group.tags.join(" ")];
    if (isOfUser(group) && marks.some((mark) => taken.has(mark))) claims.add(group);
    for (const mark of marks) taken.add(mark);
  }
  return claims;
}

function tagsOf(identity: Identity, name: ContainerName | undefined): string[] {
  const words =
    identity.kind === "container"
      ? { ...name, container: name?.container ?? shortId(identity.id) }
      : { unit: identity.unit, user: identity.user };
  return Object.entries(words)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}:${value}`]))
    .sort();
}

/** Shortens an id as `docker ps` does. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** True for a selected group: a glob matches its path or the value of one of its tags. */
export function isWanted({ path, identity, tags }: Group, { include, exclude }: Filter): boolean {
  const names = [path, ...tags.map((tag) => tag.slice(tag.indexOf(":") + 1))];
  const matches = (globs: readonly string[]) =>
    globs.some((glob) => names.some((name) => globMatches(glob, name)));
  const isOfUser =
    identity.kind !== "container" && (identity.kind === "session" || identity.user !== undefined);
  return (include.length === 0 ? !isOfUser : matches(include)) && !matches(exclude);
}
