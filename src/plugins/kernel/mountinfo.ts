import { parseLines, type Skip } from "./skipped-lines.ts";

export type Mount = {
  /** `major:minor`; major is 0 where there is no block device behind it, and for btrfs. */
  device: string;
  /** The directory of the filesystem that is mounted; not `/` for a bind mount. */
  root: string;
  /** The mount point. */
  point: string;
  type: string;
  /** `/dev/mmcblk0p2`, `server:/export`, or a word such as `tmpfs`. */
  source: string;
  /** Those of the filesystem itself, not of this mount: `rw`, `errors=remount-ro`, for cgroup v1 its controllers. */
  options: readonly string[];
};

/**
 * Parses /proc/PID/mountinfo (https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts), in the
 * order of mounting. Any number of fields stand before the lone hyphen. The last field may hold blanks, as with the shares of
 * Docker Desktop (`aname=drvfs;path=C:\Program Files\…`).
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 */
export function parseMountinfo(text: string, source: string, skip: Skip): Mount[] {
  return parseLines(text, source, skip, parseMount);
}

function parseMount(line: string): Mount | undefined {
  const match = /^\d+ \d+ (\d+:\d+) (\S+) (\S+) \S+(?: \S+)*? - (\S+)(?: (\S*)(?: (.*))?)?$/.exec(line);
  if (match === null) return undefined;
  const [, device = "", root = "", point = "", type = "", source = "", options = ""] = match;
  return {
    device,
    root: decode(root),
    point: decode(point),
    type,
    source: decode(source),
    options: options.split(","),
  };
}

/** Blanks, tabs, line feeds and backslashes are written as three octal digits: `/media/usb\040stick`. */
function decode(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
