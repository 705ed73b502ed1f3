/** `NAME=value ` before the program of a command, the value bare or quoted. */
const ASSIGNMENT = /^[A-Za-z_]\w*=(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|<>()])*(?:\s+|$)/s;

/** A program, bare or quoted, and what may follow it. */
const PROGRAM = /^(?:([^\s'"\\`$;&|<>()=*?[\]{}#!~]+)|'([^']+)'|"([^"\\`$]+)")(?=$|[\s;&|<>)])/;

/**
 * Returns the program of a shell command for logs and tags: `curl` of `TOKEN=abc curl -u me:secret http://x`. Neither arguments
 * nor variables are in it, since they may be secrets; `command` when the program cannot be recognized.
 */
export function programName(command: string): string {
  let rest = command.trim();
  for (let match = ASSIGNMENT.exec(rest); match !== null; match = ASSIGNMENT.exec(rest)) {
    // A blank within $(…) does not end the value.
    if (/[`]|\$\(/.test(match[0])) return UNKNOWN;
    rest = rest.slice(match[0].length);
  }
  const [, bare, single, double] = PROGRAM.exec(rest) ?? [];
  return bare ?? single ?? double ?? UNKNOWN;
}

const UNKNOWN = "command";
