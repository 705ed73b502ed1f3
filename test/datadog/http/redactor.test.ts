import { expect, test } from "bun:test";
import { redactor } from "../../../src/datadog/http/redactor.ts";

const PROXIES = { https: "http://us%40er:p%3Axy@proxy", http: "http://token@proxy", no: [] };

test.each([
  ["the API key", "0123abcd", "[API key]"],
  ["the header of a proxy", "Basic dXNAZXI6cDp4eQ==", "Basic [proxy password]"],
  ["the header without its padding", "dXNAZXI6cDp4eQ", "[proxy password]"],
  ["user and password", "us@er:p:xy", "[proxy password]"],
  ["both as in the URL", "us%40er:p%3Axy", "[proxy password]"],
  ["the password", "p:xy", "[proxy password]"],
  ["the password as in the URL", "p%3Axy", "[proxy password]"],
  ["a user without a password, which may be a token", "token", "[proxy password]"],
  ["its header", "dG9rZW46", "[proxy password]"],
])("%s is hidden, every time", (_, secret, shown) => {
  const redact = redactor("0123abcd", PROXIES);
  expect(redact(`you sent ${secret}, yes: ${secret}`)).toBe(`you sent ${shown}, yes: ${shown}`);
});

test("a secret under four characters, which many words contain, is not hidden", () => {
  const redact = redactor("", { http: "http://a:b@proxy", no: [] });
  expect(redact("about a:b, or YTpi")).toBe("about a:b, or [proxy password]");
});

test("without secrets, a text stays as it is", () => {
  expect(redactor("", { https: "http://proxy", no: [] })("any text")).toBe("any text");
});
