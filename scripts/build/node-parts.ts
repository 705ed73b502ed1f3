import type { Part } from "./sbom.ts";

/** What the licences in Node's LICENSE are called, by the part's name there; of others only the text is known. */
const SPDX: Readonly<Record<string, string>> = {
  Acorn: "MIT",
  ada: "MIT OR Apache-2.0",
  base64: "BSD-2-Clause",
  brotli: "MIT",
  "c-ares": "MIT",
  "cjs-module-lexer": "MIT",
  ICU: "Unicode-3.0",
  libuv: "MIT",
  llhttp: "MIT",
  minimatch: "ISC",
  nghttp2: "MIT",
  nghttp3: "MIT",
  ngtcp2: "MIT",
  npm: "Artistic-2.0",
  OpenSSL: "Apache-2.0",
  simdjson: "Apache-2.0",
  simdutf: "MIT",
  undici: "MIT",
  uvwasi: "MIT",
  V8: "BSD-3-Clause",
  zlib: "Zlib",
  zstd: "BSD-3-Clause",
};

/**
 * The parts of Node's executable, from its own LICENSE: `- OpenSSL, located at deps/openssl, is licensed as follows:`. What is only
 * in its source (tools, tests, documentation) is left out. Throws for a text without OpenSSL, ICU or V8, as it is another one.
 */
export function nodeParts(license: string): readonly Part[] {
  const found = [...license.matchAll(/^- (.+?), located at (\S+?),? is licensed as follows:/gm)]
    .filter(([, , path = ""]) => /^(deps|lib|src)\//.test(path))
    .map(([, name = ""]): Part => ({ name, ...(SPDX[name] ? { license: SPDX[name] } : {}) }));
  for (const name of ["OpenSSL", "ICU", "V8"])
    if (!found.some((part) => part.name === name)) throw new Error(`Node's LICENSE does not name ${name}`);
  return found;
}
