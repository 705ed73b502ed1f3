import { afterEach, describe, expect, test } from "bun:test";
import type { Reply } from "../../../scripts/servers/intake.ts";
import { cleanUp, intakeFor, KEY, never, setUp } from "./intake-rig.ts";

afterEach(cleanUp);

describe("the question whether the API key is valid", () => {
  test("has the key in a header alone, and no body", async () => {
    const { server, intake } = await setUp();
    expect(await intake.checkKey(never)).toEqual({ answer: "accepted" });
    const [{ headers, ...request } = {}] = server.requests;
    expect(request).toMatchObject({ method: "GET", path: "/api/v1/validate", rawBytes: 0 });
    expect(headers).toMatchObject({ "dd-api-key": KEY, "user-agent": "chouette/1.2.3" });
    expect(server.requests).toHaveLength(1);
  });

  test("is answered with what to do when the key is refused, without the key", async () => {
    const { server } = await setUp();
    const wrong = "fedcba9876543210fedcba9876543210";
    server.respond(() => ({ status: 403, body: `{"errors":["Forbidden ${wrong}"]}` }));
    const answer = await intakeFor(server.url, { apiKey: wrong }).checkKey(never);
    expect(answer).toMatchObject({ answer: "refused", error: expect.stringContaining("check API_KEY") });
    expect(JSON.stringify(answer)).not.toContain(wrong);
  });

  test.each<[string, Reply, answer: "unknown" | "silent"]>([
    ["a server without it", { status: 404, body: "not here" }, "unknown"],
    ["a server that forbids everything", { status: 403, body: "<h1>Forbidden</h1>" }, "unknown"],
    ["a server that answers everything", { status: 200, body: "{}" }, "unknown"],
    ["a key that is not valid, and a 200", { status: 200, body: '{"valid":false}' }, "unknown"],
    ["the login page of a network", { status: 200, body: "<html>Log in</html>" }, "silent"],
    ["a redirect", { status: 302, headers: { location: "http://portal.example/" } }, "silent"],
    ["a busy intake", { status: 503, body: "busy" }, "silent"],
    ["an intake that limits requests", { status: 429 }, "silent"],
    ["a connection that is reset", "reset", "silent"],
    ["a server that never answers", "hang", "silent"],
  ])("has no clear answer from %s", async (_, reply, expected) => {
    const { server, intake } = await setUp({ requestTimeout: 0.2 });
    server.respond(() => reply);
    const { answer, error } = (await intake.checkKey(never)) as { answer: string; error: string };
    expect(answer).toBe(expected);
    expect(error).toContain(`127.0.0.1:${server.port}`);
  });

  test("has no answer where nothing listens", async () => {
    const { server, intake } = await setUp();
    await server.stop();
    expect(await intake.checkKey(never)).toEqual({
      answer: "silent",
      error: `nothing listens at 127.0.0.1:${server.port}: check DATADOG_URL and the firewall (ECONNREFUSED)`,
    });
  });
});
