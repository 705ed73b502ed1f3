export type Account = { name: string; uid: number; gid: number; home: string };

/**
 * Finds an account by name or number in the text of /etc/passwd, passwd(5): `chouette:x:998:997::/var/lib/chouette:/usr/sbin/nologin`.
 */
export function findAccount(passwd: string, user: string): Account | undefined {
  for (const line of passwd.split("\n")) {
    const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
    const numbers = /^\d+$/.test(uid) && /^\d+$/.test(gid);
    if (numbers && (name === user || uid === user)) return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return undefined;
}

/** Returns the groups with the user as a member in the text of /etc/group, group(5): `video:x:44:pi,chouette`. */
export function groupsOf(group: string, user: string): string[] {
  return group.split("\n").flatMap((line) => {
    const [name = "", , , members = ""] = line.split(":");
    return members.trim().split(",").includes(user) ? [name] : [];
  });
}
