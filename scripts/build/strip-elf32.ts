/**
 * A 32-bit little-endian ELF executable without what is behind its last segment: symbols for linkers, debug information and
 * the table of sections, which no kernel and no loader reads (layout: elf(5)). Of Node's armv7 executable that is one seventh.
 */
export function stripElf32(executable: Uint8Array): Uint8Array {
  const header = new DataView(executable.buffer, executable.byteOffset, executable.byteLength);
  const segments = header.getUint32(28, true);
  const segmentSize = header.getUint16(42, true);
  let end = 0;
  for (let index = 0; index < header.getUint16(44, true); index++) {
    const segment = segments + index * segmentSize;
    end = Math.max(end, header.getUint32(segment + 4, true) + header.getUint32(segment + 16, true));
  }
  const stripped = executable.slice(0, end);
  const view = new DataView(stripped.buffer);
  // e_shoff, e_shnum, e_shstrndx: there are no sections.
  view.setUint32(32, 0, true);
  view.setUint16(48, 0, true);
  view.setUint16(50, 0, true);
  return stripped;
}
