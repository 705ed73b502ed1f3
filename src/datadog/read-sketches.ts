import type { Sketch } from "../model.ts";
import { readFields, readPacked } from "./protobuf.ts";

/** Reads what `encodeSketches` wrote, one sketch for each second of a series, in the order of the payload. */
export function readSketches(payload: Uint8Array): Sketch[] {
  return bytesOf(readFields(payload), 1).flatMap((message) => {
    const fields = readFields(message);
    const host = textOf(fields, 2);
    const head = {
      metric: textOf(fields, 1),
      tags: bytesOf(fields, 4).map((tag) => new TextDecoder().decode(tag)),
      ...(host !== "" && { host }),
    };
    return bytesOf(fields, 7).map((dogsketch) => ({ ...head, ...summary(readFields(dogsketch)) }));
  });
}

type Fields = ReturnType<typeof readFields>;

function summary(fields: Fields): Omit<Sketch, "metric" | "tags" | "host"> {
  const keys = packedOf(fields, 7).map((value) => (value % 2 === 1 ? -(value + 1) / 2 : value / 2));
  const counts = packedOf(fields, 8);
  return {
    timestamp: numberOf(fields, 1),
    count: numberOf(fields, 2),
    min: numberOf(fields, 3),
    max: numberOf(fields, 4),
    sum: numberOf(fields, 6),
    bins: keys.map((key, index) => [key, counts[index] ?? 0] as const),
  };
}

function numberOf(fields: Fields, field: number): number {
  const value = fields.get(field)?.at(-1) ?? 0;
  return typeof value === "number" ? value : Number.NaN;
}

function bytesOf(fields: Fields, field: number): Uint8Array[] {
  return (fields.get(field) ?? []).filter((value) => typeof value !== "number");
}

function textOf(fields: Fields, field: number): string {
  return new TextDecoder().decode(bytesOf(fields, field).at(-1));
}

function packedOf(fields: Fields, field: number): number[] {
  return bytesOf(fields, field).flatMap(readPacked);
}
