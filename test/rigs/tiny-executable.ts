/** A static ELF executable for 64-bit or 32-bit ARM that consists of these instructions and nothing else. */
export function tinyExecutable(bits: 64 | 32, instructions: readonly number[]): Uint8Array {
  const [headerSize, segmentSize] = bits === 64 ? [64, 56] : [52, 32];
  const start = headerSize + segmentSize;
  const size = start + 4 * instructions.length;
  const address = 0x10000;
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  const put = (bytes: 1 | 2 | 4 | 8, ...values: number[]) => {
    for (const value of values) {
      if (bytes === 1) view.setUint8(at, value);
      else if (bytes === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += bytes;
    }
  };
  const word = bits === 64 ? 8 : 4;
  // elf(5): e_ident; type (executable), machine, version; entry, segments, sections; flags; sizes and numbers of the tables.
  put(1, 0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, 1, 1);
  at = 16;
  put(2, 2, bits === 64 ? 183 : 40);
  put(4, 1);
  put(word, address + start, headerSize, 0);
  put(4, bits === 64 ? 0 : 0x05000000);
  put(2, headerSize, segmentSize, 1, 0, 0, 0);
  // One segment, PT_LOAD: the whole file, readable and executable.
  put(4, 1);
  if (bits === 64) put(4, 5);
  put(word, 0, address, address, size, size);
  if (bits === 32) put(4, 5);
  put(word, 0x1000);
  put(4, ...instructions);
  return new Uint8Array(view.buffer);
}
