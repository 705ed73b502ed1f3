import { sound } from "./reading.ts";

/** Answers of other programs, where any field may be missing or of another type: each function takes what it understands. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object, or an empty one. */
export function record(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The text, or an empty one. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A whole number that can be true of a counter or a size; undefined when it is not. */
export function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? sound(value) : undefined;
}
