import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findApiKey } from "../../src/config/api-key.ts";
import type { Env } from "../../src/config/variable.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const none = expect.stringMatching(/^API_KEY: got nothing, .*DD_API_KEY.*API_KEY_FILE.*systemd credential/);

/** The files there are; a text that starts with E is the code of the error that reading gives. */
function find(env: Env, files: Record<string, string> = {}) {
  return findApiKey(env, (path) => {
    const text = files[path] ?? "ENOENT";
    if (/^E[A-Z]+$/.test(text)) throw Object.assign(new Error(`${text}: open '${path}'`), { code: text });
    return text;
  });
}

describe("the API key comes from", () => {
  const credential = { CREDENTIALS_DIRECTORY: "/run/credentials/chouette.service" };
  const files = { "/k": "from-file\n", "/run/credentials/chouette.service/api_key": "from-credential" };
  test.each([
    ["API_KEY before all", { API_KEY: "a", DD_API_KEY: "b", API_KEY_FILE: "/k", ...credential }, "a"],
    ["then its alias", { DD_API_KEY: "b", API_KEY_FILE: "/k", ...credential }, "b"],
    ["then the file", { API_KEY_FILE: " /k ", ...credential }, "from-file"],
    ["then the credential", credential, "from-credential"],
  ])("%s", (_, env, key) => {
    expect(find(env, files)).toEqual({ key });
  });

  test.each([`${KEY}\n`, `${KEY}\r\n`, `\uFEFF ${KEY} \n\n`])(
    "line ends around the key are ignored: %j",
    (text) => {
      expect(find({ API_KEY_FILE: "/k" }, { "/k": text })).toEqual({ key: KEY });
      expect(find({ API_KEY: text })).toEqual({ key: KEY });
    },
  );

  test("an empty file counts as missing", () => {
    const env = { API_KEY_FILE: "/k", CREDENTIALS_DIRECTORY: "/c" };
    expect(find(env, { "/k": "\n", "/c/api_key": KEY })).toEqual({ key: KEY });
    expect(find(env, { "/k": "\n", "/c/api_key": "" })).toEqual({ issue: none });
  });

  test("a directory of other credentials is not a mistake", () => {
    expect(find({ ...credential, CREDENTIALS_DIRECTORY: "/elsewhere" }, files)).toEqual({ issue: none });
  });
});

const SERVICE = { CREDENTIALS_DIRECTORY: "/run/credentials/chouette.service" };

describe("a text pasted instead of a key is refused from every source", () => {
  test.each([
    [`${KEY} ${KEY}`, "a blank or a line end"],
    [`${KEY}\r\nX-Evil 1`, "a blank or a line end"],
    [`"${KEY}"`, "a quote"],
    [`'${KEY}'`, "a quote"],
    [`API_KEY=${KEY}`, "the name of the variable"],
    [`export DD_API_KEY=${KEY}`, "the name of the variable"],
    ["DD_API_KEY", "the name of the variable"],
    ["your-api-key-here", "the name of the variable"],
    [`KEY=${KEY}`, "an assignment or a variable"],
    ["$DATADOG", "an assignment or a variable"],
    [`\${DATADOG}`, "an assignment or a variable"],
    ["<key>", "the placeholder of an example"],
    ["k".repeat(257), "expects a Datadog API key alone"],
    [`${KEY}é`, "expects a Datadog API key alone"],
  ])("%j", (text, cause) => {
    const ways: [name: string, env: Env, files?: Record<string, string>][] = [
      ["API_KEY", { API_KEY: text }],
      ["DD_API_KEY", { DD_API_KEY: text }],
      ["API_KEY_FILE", { API_KEY_FILE: "/k" }, { "/k": text }],
      ["/etc/chouette/api_key", SERVICE, { [`${SERVICE.CREDENTIALS_DIRECTORY}/api_key`]: text }],
      [
        "/etc/chouette/api_key",
        { CREDENTIALS_DIRECTORY: "/etc/chouette" },
        { "/etc/chouette/api_key": text },
      ],
      ["/c/api_key", { CREDENTIALS_DIRECTORY: "/c" }, { "/c/api_key": text }],
    ];
    for (const [name, env, files] of ways) {
      const found = find(env, files);
      const issue = "issue" in found ? found.issue : "";
      expect(issue).toStartWith(name);
      expect(issue).toContain(cause);
      expect(issue).not.toContain(KEY);
      expect(issue.includes("sudo sh -c 'cat > /etc/chouette/api_key'")).toBe(
        name === "/etc/chouette/api_key",
      );
    }
  });
});

describe("a file that cannot be used is named, with the reason", () => {
  test.each([
    [{ API_KEY_FILE: "/k" }, {}, /^API_KEY_FILE: got "\/k", it does not exist;/],
    [{ API_KEY_FILE: "./k" }, { "./k": "EACCES" }, /^API_KEY_FILE: got ".\/k", this user may not read it;/],
    [{ API_KEY_FILE: "/etc" }, { "/etc": "EISDIR" }, /^API_KEY_FILE: got "\/etc", it is a directory;/],
    [{ API_KEY_FILE: "/dev/zero" }, { "/dev/zero": "EFBIG" }, /^API_KEY_FILE: .* too big for a key;/],
    [{ API_KEY_FILE: "/pipe" }, { "/pipe": "ENODATA" }, /^API_KEY_FILE: .* nothing is written to this pipe;/],
    [{ API_KEY_FILE: "/k" }, { "/k": "EIO" }, /^API_KEY_FILE: got "\/k", it cannot be read \(EIO\);/],
    [{ API_KEY_FILE: KEY }, {}, /^API_KEY_FILE: got a value that is not printed, it does not exist;/],
    [
      { CREDENTIALS_DIRECTORY: "/c" },
      { "/c/api_key": "EACCES" },
      /^\/c\/api_key, the systemd credential api_key, .* may not read it; check LoadCredential=/,
    ],
    [
      { CREDENTIALS_DIRECTORY: "/etc/chouette" },
      {},
      /^\/etc\/chouette\/api_key does not exist: .* sudo sh -c 'cat > \/etc\/chouette\/api_key' && sudo systemctl restart chouette/,
    ],
    [
      SERVICE,
      { "/run/credentials/chouette.service/api_key": "\n" },
      /^\/etc\/chouette\/api_key is empty: .* sudo sh -c 'cat > \/etc\/chouette\/api_key' && sudo systemctl restart chouette/,
    ],
  ] as [Env, Record<string, string>, RegExp][])("%j", (env, files, issue) => {
    expect(find(env, files)).toEqual({ issue: expect.stringMatching(issue) });
  });
});

test("an accepted key fits into one header line, and a rejected one is never shown", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 8 }), (text) => {
      const found = find({ API_KEY: text.trim() === "" ? KEY : text });
      if ("key" in found) expect(found.key).toMatch(/^[A-Za-z0-9_-]+$/);
      else expect(found.issue).not.toContain(text.trim());
    }),
  );
});
