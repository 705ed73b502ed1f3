import { type Env, normalizeEnv } from "./variable.ts";

/**
 * Parses an env file as systemd does (EnvironmentFile=, systemd.exec(5)), so that the service and `--env-file` read the same. Also
 * reads files for `docker run --env-file`: a bare `NAME` means the variable of the environment, which counts anyway. Ignores a
 * leading `export `, as such files are also sourced by shells. A malformed line is an issue (`line 3: …`, without its text, which
 * may contain a secret); the others are kept.
 *
 *     # comment
 *     API_KEY=0123456789abcdef
 *     COLLECT_PLUGINS=["host","docker"]
 *     GLOBAL_TAGS="env:prod \
 *     zone:a"
 */
export function parseEnvFile(text: string): { env: Record<string, string>; issues: string[] } {
  const entries = new Map<string, string>();
  const issues: string[] = [];
  for (const { line, entry, issue } of statements(text)) {
    if (entry !== undefined) entries.set(...entry);
    if (issue !== undefined) issues.push(`line ${line}: ${issue}`);
  }
  return { env: Object.fromEntries(entries), issues };
}

/** Returns the number of the line from which an env file has the variable, the last one that sets it; undefined when none does. */
export function lineOf(text: string, name: string): number | undefined {
  return [...statements(text)].findLast(({ entry }) => entry?.[0] === name)?.line;
}

/**
 * Merges the file into the environment. A variable that is set in both keeps the value of the environment, as with
 * docker-compose's `env_file`, so that a setting can be changed for one call without editing the file.
 */
export function withEnvFile(environment: Env, file: Env): Env {
  return { ...normalizeEnv(file), ...normalizeEnv(environment) };
}

type Statement = { end: number; entry?: [name: string, value: string]; issue?: string };

function* statements(text: string): Generator<Statement & { line: number }> {
  const source = text.replace(/\r\n?/g, "\n");
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const statement = readStatement(source, at);
    yield { ...statement, line };
    line += source.slice(at, statement.end).split("\n").length - 1;
    at = statement.end;
  }
}

/** Parses the blank line, comment or assignment at `at`, and returns where the next line starts. */
function readStatement(source: string, at: number): Statement {
  const nextLine = endOf(source, at) + 1;
  const head = match(/[^\n=]*/y, source, at);
  // trim also removes the byte order mark of the first line.
  const name = head.trim().replace(/^export[ \t]+/, "");
  if (name === "" && source[at + head.length] !== "=") return { end: nextLine };
  if (/^[#;]/.test(name)) return { end: nextLine };
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { end: nextLine, issue: "expects NAME=value" };
  if (source[at + head.length] !== "=") return { end: nextLine };

  const value = readValue(source, at + head.length + 1);
  if ("issue" in value) return { end: nextLine, issue: `${name}: ${value.issue}` };
  return { end: value.end + 1, entry: [name, value.text] };
}

/** Parses adjacent quoted parts, which are joined, and then text to the end of the line, where quotes are literal. */
function readValue(source: string, start: number): { end: number; text: string } | { issue: string } {
  let text = "";
  let at = start;
  for (let part = 0; ; part++) {
    const blanks = match(/[ \t]*/y, source, at);
    at += blanks.length;
    const quote = source[at];
    if (quote !== "'" && quote !== '"') {
      const rest = match(/[^\n\\]*(?:\\.?[^\n\\]*)*/sy, source, at);
      if (part > 0 && blanks !== "" && rest !== "")
        return { issue: "there is text after the closing quote; put a comment on a separate line" };
      return { end: at + rest.length, text: text + unescapePlain(rest.trimEnd()) };
    }
    const quoted = match(quote === "'" ? /'[^']*'/y : /"[^"\\]*(?:\\.[^"\\]*)*"/sy, source, at);
    if (quoted === "") return { issue: "the quote is never closed" };
    text += quote === "'" ? quoted.slice(1, -1) : unescapeQuoted(quoted.slice(1, -1));
    at += quoted.length;
  }
}

/** Unescapes `\x` to x, and joins lines at a backslash. */
function unescapePlain(text: string): string {
  return text.replace(/\\(.?)/gs, (_, char: string) => (char === "\n" ? "" : char));
}

/** Unescapes as a shell does: only ", \, ` and $ lose their backslash; one at the end of a line joins it with the next. */
function unescapeQuoted(text: string): string {
  return text.replace(/\\(["\\`$\n])/g, (_, char: string) => (char === "\n" ? "" : char));
}

function endOf(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end === -1 ? source.length : end;
}

/** Returns the match of the sticky pattern at `at`; empty when it does not match there. */
function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? "";
}
