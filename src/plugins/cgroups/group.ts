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

/** The found groups with their tags, without the sandboxes of pods. */
export async function nameGroups(
  found: ReadonlyMap<string, Identity>,
  nameContainers: ContainerNames,
): Promise<Group[]> {
  const containers = [...found.values()].filter((identity) => identity.kind === "container");
  const names = await nameContainers(containers);
  return [...found].flatMap(([path, identity]) => {
    const name = identity.kind === "container" ? names.get(identity.id) : undefined;
    return name === SANDBOX ? [] : [{ path, identity, tags: tagsOf(identity, name) }];
  });
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

/** As `docker ps` prints it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** Whether the group is asked for: a glob matches its path or the value of one of its tags. */
export function isWanted({ path, identity, tags }: Group, { include, exclude }: Filter): boolean {
  const names = [path, ...tags.map((tag) => tag.slice(tag.indexOf(":") + 1))];
  const matches = (globs: readonly string[]) =>
    globs.some((glob) => names.some((name) => globMatches(glob, name)));
  const isOfUser =
    identity.kind !== "container" && (identity.kind === "session" || identity.user !== undefined);
  return (include.length === 0 ? !isOfUser : matches(include)) && !matches(exclude);
}
