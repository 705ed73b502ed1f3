import { parseJson } from "../../json/parse-json.ts";
import { classify, type Headers, type Outcome } from "../delivery.ts";

/** A server's answer to one POST. */
export type Answer = {
  status: number;
  headers: Headers;
  /** At most the first 64 KiB. */
  body: string;
  /** False when the body was cut off, or is longer. */
  complete: boolean;
};

/**
 * Returns what an answer means for the payload. A 200 or 202 counts only with the body of an intake, which is empty or JSON:
 * a login page that a hotel's network shows for every URL is a 200 as well.
 */
export function outcomeOf(answer: Answer): Outcome {
  const outcome = classify(answer.status);
  return outcome === "accepted" && !isOfIntake(answer) ? "hold" : outcome;
}

/**
 * `{"status": "ok"}` for series v1, `{"errors": []}` for v2, `{}` for logs. A body that was cut off is judged by how it begins:
 * an intake that answers 202 before the network fails has taken the payload.
 */
function isOfIntake({ headers, body, complete }: Answer): boolean {
  const text = body.trim();
  if (complete) return text === "" || parseJson(text) !== undefined;
  return text === "" ? !/html/i.test(contentType(headers) ?? "") : /^[{[]/.test(text);
}

/** Returns the media type without parameters: `text/html`. */
export function contentType(headers: Headers): string | undefined {
  const value = headers["content-type"];
  return typeof value === "string" ? value.split(";")[0]?.trim() : undefined;
}
