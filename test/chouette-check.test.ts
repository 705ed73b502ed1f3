import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIntake } from "../scripts/servers/intake.ts";
import type { Env } from "../src/config/variable.ts";
import { KEY } from "./config/load.ts";
import { callProgram } from "./helpers/call-program.ts";

const folder = mkdtempSync(join(tmpdir(), "chouette-"));
const intake = await startIntake({ apiKey: KEY });
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await intake.stop();
});

const site = `127.0.0.1:${intake.port}`;
const call = (words: string, env: Env = {}) =>
  callProgram(words, { DATADOG_URL: `${intake.url}/api`, ...env }, folder);

describe("run --check", () => {
  test("says that the configuration is valid and the key accepted, and changes nothing", async () => {
    const state = join(folder, "unseen");
    const env = { API_KEY: KEY, COLLECT_PLUGINS: "host,rpi", CHOUETTE_STATE_DIR: state };
    expect(await call("run --check", env)).toEqual({
      code: 0,
      out: `configuration is valid: 2 plugins, queues in sqlite at ${state}/chouette.db\n${site} accepts the API key\n`,
      err: "",
    });
    expect(existsSync(state)).toBe(false);
  });

  test("asks nobody in a dry run, which needs a key all the same", async () => {
    const before = intake.requests.length;
    const { code, out } = await call("run --check --dry-run", { API_KEY: KEY });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^configuration is valid: .*\n$/) });
    expect(intake.requests).toHaveLength(before);
    expect((await call("run --check --dry-run")).err).toContain("API_KEY: got nothing");
  });

  test("warns of a key that is refused, without it", async () => {
    const key = "fedcba9876543210fedcba9876543210";
    const { code, out, err } = await call("run --check", { API_KEY: key });
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(
        /^warning: 127\.0\.0\.1:\d+ refused the API key \(403\): check API_KEY, .*DD_SITE/,
      ),
    });
    expect(out + err).not.toContain(key);
  });

  test("warns that nothing is known of a key without an answer", async () => {
    const env = { API_KEY: KEY, DATADOG_URL: `${intake.url}/elsewhere` };
    expect(await call("run --check", env)).toMatchObject({
      code: 0,
      err: `warning: whether the API key is right is not known: ${site} does not say whether it accepts the API key (404), as Datadog does\n`,
    });
    const { code, err } = await call("run --check", { API_KEY: KEY, DATADOG_URL: "http://127.0.0.1:1" });
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining("nothing listens at 127.0.0.1:1"),
    });
  });

  test("warns of what is probably a mistake, and the configuration is valid all the same", async () => {
    const path = join(folder, "warned.env");
    writeFileSync(path, "CAPTURE_INTERVALL=5\nDATADOG_LOGS_URL=http://intake.example.com\n");
    const { code, err } = await call(`run --check --env-file ${path}`, { API_KEY: KEY });
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: .*warned\.env: .* CAPTURE_INTERVALL; did you mean CAPTURE_INTERVAL\?$/m);
    expect(err).toMatch(/^warning: http:\/\/intake\.example\.com .* clear text: use https:\/\/$/m);
  });

  test("shows neither user nor password", async () => {
    const { out } = await call("run --check", { API_KEY: KEY, REDIS_URL: "redis://me:hunter22@pi:6380/1" });
    expect(out).toContain(" no plugins, queues in redis at redis://pi:6380/1\n");
  });

  test("lists every mistake", async () => {
    const { code, out, err } = await call("run --check", { LOG_LEVEL: "loud" });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/\n {2}API_KEY: .*\n {2}LOG_LEVEL: got "loud", /);
  });
});
