import { parseJson } from "../../json/parse-json.ts";
import type { KeyAnswer } from "../delivery.ts";
import { type Answer, outcomeOf } from "./answer.ts";
import { explainAnswer, type Target } from "./explain-answer.ts";

/**
 * Returns what an answer of `/api/v1/validate` says about the key: `{"valid":true}`, or 403 and `{"errors":["Forbidden"]}`
 * (https://docs.datadoghq.com/api/latest/authentication/#validate-api-key). The body is redacted already.
 */
export function answerAboutKey(answer: Answer, target: Target): KeyAnswer {
  const { status, body } = answer;
  const said = parseJson(body);
  const fields: object = typeof said === "object" && said !== null ? said : {};
  if (status === 200 && "valid" in fields && fields.valid === true) return { answer: "accepted" };
  const error = explainAnswer(answer, target);
  if ((status === 401 || status === 403) && "errors" in fields) return { answer: "refused", error };
  // A busy intake, a redirect or the login page of a network: none of them is where the data arrive.
  const outcome = outcomeOf(answer);
  if (outcome === "retry" || (status < 400 && outcome !== "accepted")) return { answer: "silent", error };
  return {
    answer: "unknown",
    error: `${target.url.host} does not say whether it accepts the API key (${status}), as Datadog does`,
  };
}
