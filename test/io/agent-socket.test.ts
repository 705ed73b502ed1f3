import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerAt, askAgent } from "../../src/io/agent-socket.ts";

let dir = "";
let path = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chouette-"));
  path = join(dir, "agent.sock");
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("the agent's socket", () => {
  test("answers a question, only to this user, and is gone afterwards", async () => {
    const served = await answerAt(path, async (question) => ({ question }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askAgent(path, "traffic", 5)).toEqual({ question: "traffic" });
    await served.close();
    expect(await askAgent(path, "traffic", 5)).toBeUndefined();
  });

  test("takes the place of one that a killed agent left", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left = createServer().listen(path, resolve);
    await promise;
    const served = await answerAt(path, async () => 1);
    expect(await askAgent(path, "close", 5)).toBe(1);
    await served.close();
    left.close();
  });

  test("closes the connection when the question is too long or the answer fails", async () => {
    const served = await answerAt(path, () => Promise.reject(new Error("no storage")));
    expect(await askAgent(path, "close", 5)).toBeUndefined();
    const socket = connect(path);
    socket.on("error", () => {});
    socket.write("x".repeat(1000));
    await new Promise((done) => socket.once("close", done));
    await served.close();
  });

  test("is not waited for longer than the time given", async () => {
    const silent = createServer().listen(path);
    await new Promise((done) => silent.once("listening", done));
    expect(await askAgent(path, "close", 0.05)).toBeUndefined();
    silent.close();
  });
});
