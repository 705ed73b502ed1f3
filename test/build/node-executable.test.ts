import { describe, expect, test } from "bun:test";
import { readNodeExecutable } from "../../scripts/build/node-executable.ts";

/** The texts of Node 20.11.0 for armv7 (strings bin/node). */
const NODE_20 = [
  "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0",
  "Found SEA resource %p, size=%zu\n",
  "Read SEA magic %x\n",
  "Read SEA flags %x\n",
  "Read SEA code path %p, size=%zu\n",
  "Read SEA resource %s %p, size=%zu\n",
  "Read SEA resource code cache %p, size=%zu\n",
  "Write SEA magic %x\n",
  "node.js/v20.11.0",
];
/** What src/node_sea.cc has in addition in later versions. */
const ASSETS = ["Read SEA resource assets size %zu\n", "Read SEA resource asset %s at %p, size=%zu\n"];
const OPTIONS = [
  "Read SEA resource exec argv extension %u\n",
  "Read SEA resource exec args size %zu\n",
  "Read SEA resource exec arg %s at %p, size=%zu\n",
];

describe("the layout is recognized by the messages in the executable", () => {
  test.each([
    ["20.11", NODE_20, { version: "20.11.0", layout: { optionsByte: false, wordBytes: 4 as const } }],
    [
      "with assets",
      [...NODE_20, ...ASSETS],
      { version: "20.11.0", layout: { optionsByte: false, wordBytes: 4 as const } },
    ],
    [
      "with options for Node",
      [...NODE_20, ...ASSETS, ...OPTIONS],
      { version: "20.11.0", layout: { optionsByte: true, wordBytes: 4 as const } },
    ],
  ])("%s", (_, texts, expected) => {
    expect(readNodeExecutable(executable(texts), "node")).toEqual(expected);
  });
});

describe("an unusable executable is refused with what to use instead", () => {
  test.each([
    ["a field that is not known", [...NODE_20, "Read SEA main format %u\n"], "main format"],
    ["a Node without single executables", ["node.js/v18.0.0"], "is not Node 20.11 or newer"],
    ["another program", ["/lib/ld-linux-armhf.so.3"], "is not Node 20.11 or newer"],
  ])("%s", (_, texts, words) => {
    expect(() => readNodeExecutable(executable(texts), "my-node")).toThrow(words);
    expect(() => readNodeExecutable(executable(texts), "my-node")).toThrow(/^my-node is /);
  });

  test.each([
    ["an archive", new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0])],
    ["nothing", new Uint8Array()],
    ["an executable for x64", executable(NODE_20, 62)],
    ["one of 64 bits", executable(NODE_20, 183, 2)],
  ])("%s", (_, bytes) => {
    expect(() => readNodeExecutable(bytes, "my-node")).toThrow(
      "my-node is not an executable for 32-bit ARM: take bin/node of a node-v…-linux-armv7l.tar.xz",
    );
  });
});

function executable(texts: readonly string[], machine = 40, wordSize = 1): Uint8Array {
  const header = Buffer.alloc(52);
  header.write("\x7fELF", "latin1");
  header.set([wordSize, 1, 1], 4);
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(texts.map((text) => `${text}\0`).join(""))]);
}
