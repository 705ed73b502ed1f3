import { expect, test } from "bun:test";
import { oneAtATime } from "../../src/schedule/one-at-a-time.ts";

test("a function waits for the one before it, even if that fails", async () => {
  const inTurn = oneAtATime();
  const seen: string[] = [];
  const first = inTurn(async () => {
    await new Promise((done) => setImmediate(done));
    seen.push("first");
    throw new Error("failed");
  })();
  const second = inTurn(async (word: string) => seen.push(word))("second");
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(seen).toEqual(["first", "second"]);
});
