import { cutText } from "./normalize.ts";
import { elementText } from "./series-identity.ts";
import { END_OF_TIME } from "./time.ts";

/** Bytes of a host that the intake takes. */
const LONGEST_HOST = 255;

/** Returns `{ [name]: value }` for a text that is not empty, cut to so many characters, else nothing, to be spread into a record. */
export function optionalText<K extends string>(
  name: K,
  value: unknown,
  longest = LONGEST_HOST,
): { [key in K]?: string } {
  if (typeof value !== "string" || value === "") return {};
  return { [name]: cutText(value, longest) } as { [key in K]?: string };
}

/** Returns a time as whole Unix seconds; undefined for what is none. */
export function readSecond(value: unknown): number | undefined {
  const isTime = typeof value === "number" && value >= 0 && value < END_OF_TIME;
  return isTime ? Math.floor(value) : undefined;
}

/** Returns the texts of a list of tags, each as Python prints it; [] for anything else. */
export function readTagTexts(tags: unknown): string[] {
  return Array.isArray(tags) ? tags.map(elementText) : [];
}
