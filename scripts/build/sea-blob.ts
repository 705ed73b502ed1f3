import type { SeaLayout } from "./node-executable.ts";

/**
 * The blob that a single executable of Node starts with, as its src/node_sea.cc reads it: magic, flags, then the name and the
 * text of the program, each behind its length, which is a size_t. `node --experimental-sea-config` of a 64-bit machine writes
 * lengths of 64 bits; a 32-bit Node expects 32.
 */
export function seaBlob(name: string, program: string, { optionsByte, wordBytes }: SeaLayout): Buffer {
  const MAGIC = 0x143da20;
  const DISABLE_EXPERIMENTAL_SEA_WARNING = 1;
  /** Options for Node come from nowhere, NODE_OPTIONS neither. */
  const NO_MORE_OPTIONS = 0;
  return Buffer.concat([
    integer(MAGIC, 4),
    integer(DISABLE_EXPERIMENTAL_SEA_WARNING, 4),
    Buffer.from(optionsByte ? [NO_MORE_OPTIONS] : []),
    ...[name, program].flatMap((text) => [integer(Buffer.byteLength(text), wordBytes), Buffer.from(text)]),
  ]);
}

/** Little-endian. */
function integer(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(value);
  return bytes;
}
