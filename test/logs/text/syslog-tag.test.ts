import { expect, test } from "bun:test";
import fc from "fast-check";
import { tagAt } from "../../../src/logs/text/syslog-tag.ts";

/** The same as one expression, which takes several times as long. */
const TAG = /^([\w./@()-]{1,64})(?:\[([\w.-]{1,32})\])?: ?/;

test("a tag is what the expression finds, in every text", () => {
  const part = fc.constantFrom("sshd", "[", "]", ":", " ", "812", "é", "(sd-pam)", "a.b/c@d", "x".repeat(33));
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join("")),
      (text) => {
        const [head, service, pid] = TAG.exec(text) ?? [];
        const tag = tagAt(`> ${text}`, 2);
        expect(tag).toEqual(
          head === undefined || service === undefined ? undefined : { service, pid, end: 2 + head.length },
        );
      },
    ),
    { numRuns: 1000 },
  );
});
