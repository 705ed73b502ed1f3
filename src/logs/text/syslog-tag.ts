/** The program that wrote a message of syslog, its process where it says so, and the index of the message behind them. */
export type Tag = { service: string; pid: string | undefined; end: number };

/** Characters of a program and of its process. */
const LONGEST = { program: 64, process: 32 } as const;

/** Reads `sshd[812]: ` or `su: ` at that index; undefined when there is no such tag. */
export function tagAt(text: string, from: number): Tag | undefined {
  let at = from;
  while (isIn(PROGRAM, text.charCodeAt(at))) at++;
  if (at === from || at - from > LONGEST.program) return undefined;
  const service = at;
  let pid: string | undefined;
  if (text.charCodeAt(at) === OPEN) {
    const start = ++at;
    while (isIn(PROCESS, text.charCodeAt(at))) at++;
    if (at === start || at - start > LONGEST.process || text.charCodeAt(at) !== CLOSE) return undefined;
    pid = text.slice(start, at++);
  }
  if (text.charCodeAt(at) !== COLON) return undefined;
  const end = text.charCodeAt(at + 1) === SPACE ? at + 2 : at + 1;
  return { service: text.slice(from, service), pid, end };
}

const [SPACE, COLON, OPEN, CLOSE] = [32, 58, 91, 93];

const PROGRAM = tableOf(/[\w./@()-]/);
const PROCESS = tableOf(/[\w.-]/);

/** A table of the ASCII characters that match; it is looked up for every character of every line. */
function tableOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}

const isIn = (table: Uint8Array, code: number) => table[code] === 1;
