import type { Part } from "./sbom.ts";

/**
 * What Bun links in, as its LICENSE.md lists it (https://github.com/oven-sh/bun/blob/main/LICENSE.md), without what is for Windows
 * only. Bun's package has neither this list nor a licence file. The next Bun may contain something else: read its list, then
 * change the version here, which bunParts compares.
 */
const OF_BUN = "1.4.5";

const LIBRARIES: readonly Part[] = [
  {
    name: "JavaScriptCore and WebKit",
    license: "LGPL-2.0-or-later",
    url: "https://github.com/oven-sh/WebKit",
  },
  { name: "boringssl", url: "https://boringssl.googlesource.com/boringssl/+/refs/heads/main/LICENSE" },
  { name: "brotli", license: "MIT", url: "https://github.com/google/brotli" },
  { name: "c-ares", license: "MIT", url: "https://github.com/c-ares/c-ares" },
  { name: "esbuild (ported in parts)", license: "MIT", url: "https://github.com/evanw/esbuild" },
  { name: "highway", license: "Apache-2.0", url: "https://github.com/google/highway" },
  { name: "ICU", license: "Unicode-3.0", url: "https://github.com/unicode-org/icu" },
  { name: "libarchive", url: "https://github.com/libarchive/libarchive/blob/master/COPYING" },
  { name: "libbase64", license: "BSD-2-Clause", url: "https://github.com/aklomp/base64" },
  {
    name: "libc++abi (one function)",
    license: "Apache-2.0 WITH LLVM-exception",
    url: "https://github.com/llvm/llvm-project",
  },
  { name: "libdeflate", license: "MIT", url: "https://github.com/ebiggers/libdeflate" },
  {
    name: "libjpeg-turbo",
    license: "BSD-3-Clause AND IJG AND Zlib",
    url: "https://github.com/libjpeg-turbo/libjpeg-turbo",
  },
  { name: "libspng", license: "BSD-2-Clause", url: "https://github.com/randy408/libspng" },
  { name: "libwebp", license: "BSD-3-Clause", url: "https://github.com/webmproject/libwebp" },
  { name: "lol-html", license: "BSD-3-Clause", url: "https://github.com/cloudflare/lol-html" },
  { name: "ls-hpack", license: "MIT", url: "https://github.com/litespeedtech/ls-hpack" },
  { name: "ls-qpack", license: "MIT", url: "https://github.com/litespeedtech/ls-qpack" },
  { name: "lsquic", license: "BSD-3-Clause AND MIT", url: "https://github.com/litespeedtech/lsquic" },
  { name: "mimalloc", license: "MIT", url: "https://github.com/microsoft/mimalloc" },
  { name: "picohttpparser", license: "MIT", url: "https://github.com/h2o/picohttpparser" },
  { name: "simdutf", license: "Apache-2.0", url: "https://github.com/simdutf/simdutf" },
  { name: "SQLite", license: "blessing", url: "https://sqlite.org" },
  {
    name: "TigerBeetle (parts of its I/O)",
    license: "Apache-2.0",
    url: "https://github.com/tigerbeetle/tigerbeetle",
  },
  { name: "tinycc", license: "LGPL-2.1-or-later", url: "https://github.com/TinyCC/tinycc" },
  { name: "uSockets", license: "Apache-2.0", url: "https://github.com/uNetworking/uSockets" },
  { name: "uucode", license: "MIT", url: "https://github.com/jacobsandlund/uucode" },
  { name: "uWebSockets (a fork)", license: "Apache-2.0", url: "https://github.com/oven-sh/uWebSockets" },
  { name: "zlib-ng", license: "Zlib", url: "https://github.com/zlib-ng/zlib-ng" },
  { name: "zstd", license: "BSD-3-Clause", url: "https://github.com/facebook/zstd" },
];

/** Packages that stand in for modules of Node, all of them MIT. */
const POLYFILLS = [
  ...[
    "acorn",
    "acorn-walk",
    "assert",
    "browserify-zlib",
    "buffer",
    "constants-browserify",
    "crypto-browserify",
  ],
  ...[
    "domain-browser",
    "events",
    "https-browserify",
    "os-browserify",
    "path-browserify",
    "process",
    "punycode",
  ],
  ...["querystring-es3", "stream-browserify", "stream-http", "string_decoder", "timers-browserify"],
  ...["tty-browserify", "url", "util", "vm-browserify"],
].map((name): Part => ({ name, license: "MIT", url: `https://npmjs.com/package/${name}` }));

/** What is to be read beside the texts of the licences. */
export const BUN_NOTICE = `Bun itself is under the MIT License. It links JavaScriptCore and parts of WebKit (LGPL-2.0-or-later)
and tinycc (LGPL-2.1-or-later) statically. Their sources, and those of Bun, with which the runtime can be built again
with changed versions of them and Chouette with that runtime (scripts/build), are at:

  https://github.com/oven-sh/bun       Bun ${OF_BUN} (tag bun-v${OF_BUN}); its LICENSE.md tells how to relink it
  https://github.com/oven-sh/WebKit    commit ${process.versions.webkit}
  https://github.com/TinyCC/tinycc     commit ${process.versions.tinycc}`;

/** The parts of Bun's executable. Throws for another version than the one that the list was made of. */
export function bunParts(version: string): readonly Part[] {
  if (version !== OF_BUN)
    throw new Error(
      `scripts/build/bun-parts.ts lists what Bun ${OF_BUN} contains, and this is ${version}: compare it with Bun's LICENSE.md`,
    );
  return [...LIBRARIES, ...POLYFILLS];
}
