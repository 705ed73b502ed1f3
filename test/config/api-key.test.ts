import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { findApiKey } from "../../src/config/api-key.ts";
import type { Env } from "../../src/config/variable.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const none =
  "API_KEY: got nothing, expects a Datadog API key; it may also come from DD_API_KEY, from a file (API_KEY_FILE) or from the systemd credential api_key";

/** The files there are; a text that starts with E is the code of the error that reading gives. */
function find(env: Env, files: Record<string, string> = {}) {
  return findApiKey(env, (path) => {
    const text = files[path] ?? "ENOENT";
    if (/^E[A-Z]+$/.test(text)) throw Object.assign(new Error(`${text}: open '${path}'`), { code: text });
    return text;
  });
}

describe("where the key comes from", () => {
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
    "line ends around it do not count: %j",
    (text) => {
      expect(find({ API_KEY_FILE: "/k" }, { "/k": text })).toEqual({ key: KEY });
      expect(find({ API_KEY: text })).toEqual({ key: KEY });
    },
  );

  test("an empty file counts as none", () => {
    const env = { API_KEY_FILE: "/k", CREDENTIALS_DIRECTORY: "/c" };
    expect(find(env, { "/k": "\n", "/c/api_key": KEY })).toEqual({ key: KEY });
    expect(find(env, { "/k": "\n", "/c/api_key": "" })).toEqual({ issue: none });
  });

  test("a directory of other credentials is no mistake", () => {
    expect(find({ ...credential, CREDENTIALS_DIRECTORY: "/elsewhere" }, files)).toEqual({ issue: none });
  });
});

describe("what is wrong with it", () => {
  const alone = "expects a Datadog API key alone: letters and digits without blanks or line ends in between";
  test.each([
    [{ DD_API_KEY: `${KEY} ${KEY}` }, {}, `DD_API_KEY: got a value that is not printed, ${alone}`],
    [{ API_KEY: `${KEY}\r\nX-Evil: 1` }, {}, `API_KEY: got a value that is not printed, ${alone}`],
    [{ API_KEY: "k".repeat(257) }, {}, `API_KEY: got a value that is not printed, ${alone}`],
    [{ API_KEY_FILE: "/k" }, { "/k": "a\nb" }, `API_KEY_FILE: got a value that is not printed, ${alone}`],
    [
      { API_KEY_FILE: "/k" },
      {},
      'API_KEY_FILE: got "/k", it does not exist; expects the path of a file that holds the key',
    ],
    [
      { API_KEY_FILE: "./k" },
      { "./k": "EACCES" },
      'API_KEY_FILE: got "./k", this user may not read it; expects the path of a file that holds the key',
    ],
    [
      { API_KEY_FILE: "/etc" },
      { "/etc": "EISDIR" },
      'API_KEY_FILE: got "/etc", it is a directory; expects the path of a file that holds the key',
    ],
    [
      { API_KEY_FILE: "/dev/zero" },
      { "/dev/zero": "EFBIG" },
      'API_KEY_FILE: got "/dev/zero", it is too big for a key; expects the path of a file that holds the key',
    ],
    [
      { API_KEY_FILE: "/k" },
      { "/k": "EIO" },
      'API_KEY_FILE: got "/k", it cannot be read (EIO); expects the path of a file that holds the key',
    ],
    [
      { API_KEY_FILE: KEY },
      {},
      "API_KEY_FILE: got a value that is not printed, it does not exist; expects the path of a file that holds the key",
    ],
    [
      { CREDENTIALS_DIRECTORY: "/c" },
      { "/c/api_key": "EACCES" },
      "API_KEY: the systemd credential api_key is there, but this user may not read it; check LoadCredential=",
    ],
    [
      { CREDENTIALS_DIRECTORY: "/c" },
      { "/c/api_key": "a b" },
      `the systemd credential api_key: got a value that is not printed, ${alone}`,
    ],
  ])("%j", (env, files, issue) => {
    expect(find(env, files)).toEqual({ issue });
  });
});

test("a key that is taken fits into one header line; one that is not is never shown", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 8 }), (text) => {
      const found = find({ API_KEY: text.trim() === "" ? KEY : text });
      if ("key" in found) expect(found.key).toMatch(/^[!-~]+$/);
      else expect(found.issue).not.toContain(text.trim());
    }),
  );
});
