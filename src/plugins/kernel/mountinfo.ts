import { ParseError } from "../../errors.ts";

export type Mount = {
  /** `major:minor`; major is 0 where there is no block device behind it, and for btrfs. */
  device: string;
  /** The directory of the filesystem that is mounted; not `/` for a bind mount. */
  root: string;
  /** Where it is mounted. */
  point: string;
  type: string;
  /** `/dev/mmcblk0p2`, `server:/export`, or a word such as `tmpfs`. */
  source: string;
};

/**
 * /proc/PID/mountinfo (https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts), in the order
 * of mounting; between the options and the lone hyphen there may be any number of fields:
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 */
export function parseMountinfo(text: string): Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseMount);
}

function parseMount(line: string): Mount {
  const match = /^\d+ \d+ (\d+:\d+) (\S+) (\S+) \S+(?: \S+)*? - (\S+) (\S*) \S+$/.exec(line);
  if (match === null) throw new ParseError("/proc/self/mountinfo", line);
  const [, device = "", root = "", point = "", type = "", source = ""] = match;
  return { device, root: decode(root), point: decode(point), type, source: decode(source) };
}

/** Blanks, tabs, line feeds and backslashes are written as three octal digits: `/media/usb\040stick`. */
function decode(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
