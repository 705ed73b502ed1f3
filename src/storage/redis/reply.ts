/*
 * Checks the types of replies. A server that is not Redis, or a proxy in front of one, may answer anything; each function throws when
 * the reply has another type.
 */

export function wholeNumber(reply: unknown): number {
  return typeof reply === "number" && Number.isSafeInteger(reply) ? reply : unexpected();
}

/** Returns undefined for nil. */
export function textOrNone(reply: unknown): string | undefined {
  if (reply === null) return undefined;
  return Buffer.isBuffer(reply) ? reply.toString() : unexpected();
}

export function texts(reply: unknown): Buffer[] {
  return list(reply).map((item) => (Buffer.isBuffer(item) ? item : unexpected()));
}

export function list(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply : unexpected();
}

function unexpected(): never {
  throw new Error("unexpected answer");
}
