import { expect } from "bun:test";

/** Matches a text that has these parts, in this order: what a message must carry, whatever its wording. */
export function saying(...parts: string[]): string {
  return expect.stringMatching(new RegExp(parts.map(escaped).join(".*"), "s"));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
