import { deflateRawSync, inflateRawSync } from "node:zlib";

/** A record's text as it lies in the database. */
export type StoredBody = { bytes: number; sum: number; body: string | Uint8Array };

/** Bytes from which deflating pays: a single point stays as it is, a capture becomes a tenth. */
const WORTH_DEFLATING = 512;

/** Returns the columns for a text; `deflate`: a long one is written compressed, where bytes are dearer than CPU. */
export function storedBody(text: string, deflate: boolean): StoredBody {
  const bytes = Buffer.byteLength(text);
  if (!deflate || bytes < WORTH_DEFLATING) return { bytes, sum: checksum(text), body: text };
  const body = deflateRawSync(text);
  return { bytes, sum: checksum(body.toString("latin1")), body };
}

/** Bytes of a row beside its body, and of its place in the index. */
const ROW = 100;

/** Returns about how many bytes records take on the card; one stands for all, since deflating takes time. */
export function sizeOnCard(records: readonly { body: string }[]): number {
  const [first] = records;
  if (first === undefined) return 0;
  const { bytes, body } = storedBody(first.body, true);
  const deflated = (typeof body === "string" ? bytes : body.length) / Math.max(1, bytes);
  return records.reduce((sum, one) => sum + ROW + one.body.length * deflated, 0);
}

/** Returns the text of a row; undefined when the medium changed it: the checksum, the type of a column, or the compression is wrong. */
export function readBody({ sum, body }: { sum: unknown; body: unknown }): string | undefined {
  if (typeof body === "string") return checksum(body) === sum ? body : undefined;
  if (!(body instanceof Uint8Array)) return undefined;
  const deflated = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (checksum(deflated.toString("latin1")) !== sum) return undefined;
  try {
    return inflateRawSync(deflated).toString("utf8");
  } catch {
    return undefined;
  }
}

/** FNV-1a over UTF-16 units, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): it only has to notice flipped bits. */
function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
