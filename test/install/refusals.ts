/** A machine or a network on which install.sh can do nothing, and what it says then. */
export type Refusal = {
  name: string;
  /** Shell commands, run by root in a mount namespace of their own, after PRELUDE. */
  on?: string;
  words?: string;
  /** In the first line of standard error. */
  says: string;
  /** In what is to be typed next; on a machine without sudo it is typed without. */
  next: string;
};

/**
 * shim NAME SCRIPT: a program in front of the real one. hide PATH…: programs that are not there.
 */
export const PRELUDE = `
set -e
shims=$(mktemp -d); PATH=$shims:$PATH
shim() { printf '#!/bin/bash\\n%s\\n' "$2" >"$shims/$1"; chmod 755 "$shims/$1"; }
hide() { for path; do mount --bind /etc/passwd "$path"; done; }
`;

/** Where the executable goes there is no more space than this, and df does not know it. */
export const diskOf = (size: string) => `mount -t tmpfs -o size=${size} none /usr/local/bin`;
export const LYING_DF = `shim df 'echo; echo none 1 1 99999999 1% /'`;
