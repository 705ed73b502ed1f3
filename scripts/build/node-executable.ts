/** The layout of the blob that Node's executable expects. */
export type SeaLayout = {
  /** The header has a byte that says where options for Node may come from (since Node 24.6). */
  optionsByte: boolean;
  /** The size of a length: 4 for 32-bit ARM. */
  wordBytes: 4 | 8;
};

/** The fields in the debug messages of src/node_sea.cc, Node 20.11 to 25, as it reads a blob. */
const FIELDS = [
  "magic",
  "flags",
  "resource exec argv extension",
  "code path",
  "resource",
  "resource code cache",
  "resource assets size",
  "resource asset",
  "resource exec args size",
  "resource exec arg",
];

/**
 * Reads its version and its layout out of Node's executable for 32-bit ARM, which cannot be run here. The layout is recognized by the
 * messages in it, such as `Read SEA code path %p, size=%zu`, and not by the version: old lines of versions get changes too.
 * Throws when the file called `name` is something else, or expects a field that we do not know.
 */
export function readNodeExecutable(
  executable: Uint8Array,
  name: string,
): { version: string; layout: SeaLayout } {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  // ELF, 32 bits, little-endian; e_machine 40 is ARM.
  if (bytes.toString("latin1", 0, 6) !== "\x7fELF\x01\x01" || bytes.readUInt16LE(18) !== 40)
    throw new Error(
      `${name} is not an executable for 32-bit ARM: take bin/node of a node-v…-linux-armv7l.tar.xz`,
    );
  const { version, layout } = readNodeTexts(bytes, name);
  return { version, layout: { ...layout, wordBytes: 4 } };
}

/** The same of an executable for any processor, but for the size of a length. */
export function readNodeTexts(
  bytes: Buffer,
  name: string,
): { version: string; layout: Omit<SeaLayout, "wordBytes"> } {
  const [version] = textsAfter(bytes, "node.js/v");
  const fields = textsAfter(bytes, "Read SEA ").map((text) => text.replace(/( at)? ?%.*/s, ""));
  if (version === undefined || !fields.includes("code path"))
    throw new Error(`${name} is not Node 20.11 or newer, or was built without single executables`);
  const unknown = fields.filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0)
    throw new Error(
      `${name} is Node ${version}, which expects in a single executable what is not known here (${unknown.join(", ")}): take an older one`,
    );
  return { version, layout: { optionsByte: fields.includes("resource exec argv extension") } };
}

/** Returns the rest of each zero-terminated text in the executable that begins with the prefix. */
function textsAfter(bytes: Buffer, prefix: string): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(prefix); at !== -1; at = bytes.indexOf(prefix, at + 1))
    found.push(bytes.toString("latin1", at + prefix.length, bytes.indexOf(0, at)));
  return found;
}
