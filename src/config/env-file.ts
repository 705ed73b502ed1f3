import { type Env, normalizeEnv } from "./variable.ts";

/**
 * Reads an env file as systemd does (EnvironmentFile=, systemd.exec(5)), so that the service and a person who types
 * `--env-file` get the same from it. What `docker run --env-file` takes is read too: a bare `NAME` means the variable of
 * the environment, which counts anyway. `export ` in front is passed over, as such files are also sourced by shells.
 * A line that cannot be read is an issue (`line 3: …`, its text is never shown, it may hold a secret); the others are kept.
 *
 *     # comment
 *     API_KEY=0123456789abcdef
 *     COLLECT_PLUGINS=["host","docker"]
 *     GLOBAL_TAGS="env:prod \
 *     zone:a"
 */
export function parseEnvFile(text: string): { env: Record<string, string>; issues: string[] } {
  const source = text.replace(/\r\n?/g, "\n");
  const entries = new Map<string, string>();
  const issues: string[] = [];
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const { end, entry, issue } = readStatement(source, at);
    if (entry !== undefined) entries.set(...entry);
    if (issue !== undefined) issues.push(`line ${line}: ${issue}`);
    line += source.slice(at, end).split("\n").length - 1;
    at = end;
  }
  return { env: Object.fromEntries(entries), issues };
}

/**
 * The environment with what the file adds to it. A variable that is set in both keeps the value of the environment, as with
 * docker-compose's `env_file`: so one setting can be changed for one call without touching the file.
 */
export function withEnvFile(environment: Env, file: Env): Env {
  return { ...normalizeEnv(file), ...normalizeEnv(environment) };
}

/** What starts at `at`, a blank line, a comment or an assignment, and where the next line after it starts. */
type Statement = { end: number; entry?: [name: string, value: string]; issue?: string };

function readStatement(source: string, at: number): Statement {
  const nextLine = endOf(source, at) + 1;
  const head = match(/[^\n=]*/y, source, at);
  // trim takes the byte order mark of the first line too.
  const name = head.trim().replace(/^export[ \t]+/, "");
  if (name === "" && source[at + head.length] !== "=") return { end: nextLine };
  if (/^[#;]/.test(name)) return { end: nextLine };
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { end: nextLine, issue: "expects NAME=value" };
  if (source[at + head.length] !== "=") return { end: nextLine };

  const value = readValue(source, at + head.length + 1);
  if ("issue" in value) return { end: nextLine, issue: `${name}: ${value.issue}` };
  return { end: value.end + 1, entry: [name, value.text] };
}

/** Quoted parts, set side by side they are one, and then text to the end of the line, where quotes mean themselves. */
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
        return { issue: "there is text after the closing quote; a comment needs a line of its own" };
      return { end: at + rest.length, text: text + unescapePlain(rest.trimEnd()) };
    }
    const quoted = match(quote === "'" ? /'[^']*'/y : /"[^"\\]*(?:\\.[^"\\]*)*"/sy, source, at);
    if (quoted === "") return { issue: "the quote is never closed" };
    text += quote === "'" ? quoted.slice(1, -1) : unescapeQuoted(quoted.slice(1, -1));
    at += quoted.length;
  }
}

/** `\x` is x, and a backslash at the end of a line joins it with the next. */
function unescapePlain(text: string): string {
  return text.replace(/\\(.?)/gs, (_, char: string) => (char === "\n" ? "" : char));
}

/** As in a shell: only ", \, ` and $ lose the backslash in front of them; one at the end of a line joins it with the next. */
function unescapeQuoted(text: string): string {
  return text.replace(/\\(["\\`$\n])/g, (_, char: string) => (char === "\n" ? "" : char));
}

function endOf(source: string, at: number): number {
  const end = source.indexOf("\n", at);
  return end === -1 ? source.length : end;
}

/** What the sticky pattern takes from `at` on; empty when it does not match there. */
function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? "";
}
