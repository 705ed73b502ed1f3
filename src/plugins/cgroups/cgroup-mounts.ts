import { ParseError } from "../../errors.ts";

/** Where the hierarchies of control groups are mounted. */
export type CgroupMounts = {
  /** By controller, `memory` → `/sys/fs/cgroup/memory`; also by other options of the mount, which do no harm. */
  v1: ReadonlyMap<string, string>;
  v2: string | undefined;
};

type Mount = { root: string; point: string; type: string; options: readonly string[] };

/**
 * /proc/<pid>/mountinfo (https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts):
 *
 *     35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
 *     30 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev - cgroup2 cgroup2 rw,nsdelegate
 *
 * Where a hierarchy is mounted several times, a mount of its root comes before one of a part, then the first one wins:
 * the others are the copies inside containers.
 */
export function parseCgroupMounts(text: string, source: string): CgroupMounts {
  const mounts = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseMount(line, source));
  const v1 = new Map<string, string>();
  let v2: string | undefined;
  for (const mount of [...mounts.filter(isWhole), ...mounts.filter((mount) => !isWhole(mount))]) {
    if (mount.type === "cgroup2") v2 ??= mount.point;
    if (mount.type === "cgroup")
      for (const option of mount.options) if (!v1.has(option)) v1.set(option, mount.point);
  }
  return { v1, v2 };
}

function parseMount(line: string, source: string): Mount {
  const fields = line.split(" ");
  // Up to the lone dash there is any number of optional fields.
  const dash = fields.indexOf("-", 6);
  const [root, point] = fields.slice(3, 5);
  const [type, , options] = fields.slice(dash + 1);
  if (dash === -1 || root === undefined || point === undefined || type === undefined || options === undefined)
    throw new ParseError(source, line);
  return { root, point: unescapeOctal(point), type, options: options.split(",") };
}

function isWhole(mount: Mount): boolean {
  return mount.root === "/";
}

/** Blanks, tabs, line ends and backslashes are written as `\040`, `\011`, `\012` and `\134`. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
