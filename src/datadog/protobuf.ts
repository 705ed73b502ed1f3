/**
 * The few parts of the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) that sketches need. The library
 * would weigh ten times as much as the whole file that uses this one.
 */
export type Bytes = readonly number[];

/** A varint field; left out where it is 0, as proto3 has it. Takes whole numbers from 0 to 2^53. */
export function varintField(field: number, value: number): Bytes {
  return value === 0 ? [] : [...varint(field * 8), ...varint(value)];
}

/** A double field; left out where it is 0. */
export function doubleField(field: number, value: number): Bytes {
  if (value === 0) return [];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...varint(field * 8 + 1), ...bytes];
}

/** A field of text, or of an embedded message; empty where it is. */
export function bytesField(field: number, value: string | Bytes): Bytes {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return bytes.length === 0 ? [] : [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** A packed field of repeated uint32. */
export function packedField(field: number, values: readonly number[]): Bytes {
  return bytesField(field, values.flatMap(varint));
}

/** A packed field of repeated sint32, whose sign is in the lowest bit. */
export function packedSignedField(field: number, values: readonly number[]): Bytes {
  return packedField(
    field,
    values.map((value) => (value < 0 ? -2 * value - 1 : 2 * value)),
  );
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

/** The fields of a message by number: numbers of varints and doubles, bytes of everything else. Throws RangeError at an odd end. */
export function readFields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = createReader(bytes);
  while (reader.more()) {
    const tag = reader.varint();
    const value = reader.value(tag % 8);
    const field = Math.floor(tag / 8);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

/** The numbers of a packed field. */
export function readPacked(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  const reader = createReader(bytes);
  while (reader.more()) numbers.push(reader.varint());
  return numbers;
}

function createReader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  return {
    more: () => at < bytes.length,
    varint,
    value: (type: number): number | Uint8Array => {
      if (type === 0) return varint();
      const length = type === 1 ? 8 : varint();
      const start = at;
      at += length;
      return type === 1 ? view.getFloat64(start, true) : bytes.subarray(start, at);
    },
  };
}
