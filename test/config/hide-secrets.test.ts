import { expect, test } from "bun:test";
import fc from "fast-check";
import { hideSecrets } from "../../src/config/hide-secrets.ts";

test("a secret is hidden wherever it appears, also one that is part of another", () => {
  expect(hideSecrets(["word", "password1"])("password1, a word: password1")).toBe("***, a ***: ***");
});

test("a secret of less than four characters is left, so that other words stay whole", () => {
  expect(hideSecrets(["p", "scr"])("a script")).toBe("a script");
});

test("the replacement is used literally", () => {
  expect(hideSecrets(["secret"], "$&")("a secret")).toBe("a $&");
});

test("no secret of four characters or more is ever left", () => {
  const secret = fc.string({ minLength: 4, maxLength: 12 }).filter((text) => !text.includes("*"));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (text, before, after) => {
      expect(hideSecrets([text])(before + text + after).includes(text)).toBe(false);
    }),
  );
});
