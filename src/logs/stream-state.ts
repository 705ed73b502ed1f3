import { type Counts, NEW_STATE, NO_COUNTS, type ShapeState } from "./shape/shape.ts";

/** The note of a stream: all that a restart needs, and what `inspect-queue` shows. */
export type StreamState = {
  position: unknown;
  shape: ShapeState;
  /** Bytes that waited where they come from when the note was written. */
  waiting: number;
  /** Unix seconds at which the note was written; undefined for what is never forgotten. */
  readAt?: number;
};

/** Reads a note; what another version wrote, or a foreign text, counts as a stream that was never read. */
export function parseState(text: string | undefined): StreamState | undefined {
  try {
    const state = JSON.parse(text ?? "null") as StreamState | null;
    if (state === null || typeof state !== "object" || !("shape" in state)) return undefined;
    const counts: Counts = { ...NO_COUNTS, ...state.shape.counts };
    return { ...state, shape: { ...NEW_STATE, ...state.shape, counts } };
  } catch {
    return undefined;
  }
}
