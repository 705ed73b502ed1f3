import { describe, expect, test } from "bun:test";
import { outcomeOf } from "../../../src/datadog/http/answer.ts";

const answer = (status: number, body: string, type?: string, complete = true) =>
  outcomeOf({ status, body, complete, headers: type === undefined ? {} : { "content-type": type } });

const PAGE = "<!DOCTYPE html><html><body>Welcome to our hotel</body></html>";

describe("an answer counts as delivered", () => {
  test.each([
    [202, '{"status": "ok"}', "application/json"],
    [202, '{"errors":[]}', "application/json"],
    [200, "{}", undefined],
    [202, "", undefined],
    [200, "", "text/plain; charset=utf-8"],
    [202, ' {"status": "ok"}\r\n', "text/json"],
  ])("with status %i and the body %j (%p)", (status, body, type) => {
    expect(answer(status, body, type)).toBe("accepted");
  });

  test("when it is cut off after it began like that of an intake", () => {
    expect(answer(202, '{"sta', "application/json", false)).toBe("accepted");
    expect(answer(202, "", "application/json", false)).toBe("accepted");
  });
});

describe("an answer is a hold", () => {
  test.each([
    [200, PAGE, "text/html"],
    [200, PAGE, "application/json"],
    [202, PAGE, undefined],
    [200, "OK", "text/plain"],
    [200, "{", "application/json"],
    [200, "[".repeat(60_000), "application/json"],
    [200, `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "application/json"],
    [201, "{}", "application/json"],
    [203, '{"status": "ok"}', "application/json"],
    [204, "", undefined],
    [206, "{}", "application/json"],
  ])("with status %i and the body %j (%p)", (status, body, type) => {
    expect(answer(status, body, type)).toBe("hold");
  });

  test("when it is cut off after it began like a page", () => {
    expect(answer(200, "<!DOCTYPE ht", undefined, false)).toBe("hold");
    expect(answer(200, "", "text/html; charset=utf-8", false)).toBe("hold");
  });
});
