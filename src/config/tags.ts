import * as v from "valibot";
import { InvalidValue } from "../errors.ts";
import { listSchema, parsedSchema } from "./variable.ts";

/** A list of tags. Rejects pasted quotes, comments and variables, which Datadog would turn into other tags. */
export function tagsSchema(): v.GenericSchema<string, string[]> {
  return v.pipe(listSchema(), v.array(parsedSchema(parseTag)));
}

const FAULTS: readonly (readonly [fault: RegExp, reason: string])[] = [
  [/\s/, "there is a blank in the tag"],
  [/["'`]/, "there is a quote in the tag"],
  [/;/, "there is a ; in the tag"],
  [/^#|^\/\//, "a comment needs a separate line"],
  [/\$[A-Za-z_{(]/, "variables are not replaced here"],
  [/[[\]{}]/, "a list in brackets is JSON, with double quotes around each tag"],
  [/:$/, "the tag ends with its colon: no blank may follow it"],
];

function parseTag(tag: string): string {
  const [, reason] = FAULTS.find(([fault]) => fault.test(tag)) ?? [];
  if (reason !== undefined) throw new InvalidValue(reason);
  return tag;
}
