import type { SeaLayout } from "./node-executable.ts";

/**
 * The blob that a single executable of Node starts with, as its src/node_sea.cc reads it: magic, flags, then the name and the
 * text of the program, each behind its length. `node --experimental-sea-config` of a 64-bit machine writes lengths of
 * 64 bits (size_t); a 32-bit Node expects 32.
 */
export function seaBlob(name: string, program: string, { optionsByte }: SeaLayout): Buffer {
  const MAGIC = 0x143da20;
  const DISABLE_EXPERIMENTAL_SEA_WARNING = 1;
  const OPTIONS_FROM_ENVIRONMENT = 1;
  return Buffer.concat([
    uint32(MAGIC),
    uint32(DISABLE_EXPERIMENTAL_SEA_WARNING),
    Buffer.from(optionsByte ? [OPTIONS_FROM_ENVIRONMENT] : []),
    ...[name, program].flatMap((text) => [uint32(Buffer.byteLength(text)), Buffer.from(text)]),
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
